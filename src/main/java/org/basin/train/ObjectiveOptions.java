package org.basin.train;

import org.basin.InvalidInputException;
import org.basin.Require;
import org.basin.data.Examples;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.ParameterLayout;

/**
 * What an {@link Objective} computes.
 *
 * @param loss the loss, a mean over examples
 * @param labelSmoothing ε of the targets y(1-ε) + ε/K
 * @param l2 coefficient c of ½ c ‖w‖², added to the objective; weights only (not biases, γ, β)
 * @param batchNorm statistics of batch normalisation; means nothing to a network without it
 */
public record ObjectiveOptions(
    LossFunction loss, double labelSmoothing, double l2, BatchNormPolicy batchNorm) {

  /** Checks ranges. */
  public ObjectiveOptions {
    Require.inHalfOpenRange("labelSmoothing", labelSmoothing, 0.0, 1.0);
    Require.inRange("l2", l2, 0.0, 1e6);
  }

  /**
   * What a replica trained with {@code options} minimised, normalised as {@code batchNorm} says.
   */
  public static ObjectiveOptions trained(TrainingOptions options, BatchNormPolicy batchNorm) {
    return new ObjectiveOptions(
        options.loss(), options.labelSmoothing(), options.optimizer().l2(), batchNorm);
  }

  /**
   * Checks that a network, examples and running statistics can make an objective.
   *
   * @throws InvalidInputException when there are no examples, or shapes or labels do not agree
   */
  public void requireShapes(MlpSpec spec, Examples data, NetworkState statistics) {
    if (data.count() == 0) {
      throw new InvalidInputException("an objective needs at least one example");
    }
    if (data.features() != spec.inputs() || data.classes() != spec.outputs()) {
      throw new InvalidInputException(
          "the network takes %d features to %d classes, but the examples have %d and %d"
              .formatted(spec.inputs(), spec.outputs(), data.features(), data.classes()));
    }
    for (int i = 0; i < data.count(); i++) {
      if (data.labels()[i] < 0 || data.labels()[i] >= data.classes()) {
        throw new InvalidInputException(
            "the label of example %d is %d, allowed: 0 to %d"
                .formatted(i, data.labels()[i], data.classes() - 1));
      }
    }
    int needed = new ParameterLayout(spec).statisticsSize();
    int given = statistics.runningMean().length;
    if (batchNorm == BatchNormPolicy.FROZEN
        && (given != needed || statistics.runningVariance().length != needed)) {
      throw new InvalidInputException(
          "frozen batch normalisation needs %d running means and variances, but has %d and %d"
              .formatted(needed, given, statistics.runningVariance().length));
    }
  }
}
