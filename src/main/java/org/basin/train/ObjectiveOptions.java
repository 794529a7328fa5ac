package org.basin.train;

import org.basin.Require;

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
}
