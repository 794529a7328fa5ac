package org.basin.landscape;

import java.util.Arrays;
import org.basin.data.Examples;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.ParameterLayout;
import org.basin.train.BatchNormPolicy;
import org.basin.train.LossFunction;
import org.basin.train.Objective;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;

/**
 * Batch normalisation's statistics taken anew from data: mean and biased variance of each
 * normalised layer's inputs z over all examples, the layers before it normalised with theirs.
 *
 * <p>z_l is what a network outputs that ends in layer l, so any engine can tell it.
 */
public final class RecalibratedStatistics {
  private RecalibratedStatistics() {}

  /** {@code state} with the statistics of {@code examples}; without normalisation, as it is. */
  public static NetworkState of(
      MlpSpec spec, NetworkState state, Examples examples, ObjectiveEngine engine) {
    ParameterLayout layout = new ParameterLayout(spec);
    NetworkState recalibrated = state.copy();
    for (int l = 0; spec.normalized(l); l++) {
      statistics(beginning(spec, l), layout, l, recalibrated, examples, engine);
    }
    return recalibrated;
  }

  /** The network up to and with layer {@code l}, which is its output layer. */
  private static MlpSpec beginning(MlpSpec spec, int l) {
    return new MlpSpec(
        spec.inputs(),
        spec.hidden().subList(0, l),
        spec.fanOut(l),
        spec.activation(),
        spec.bias(),
        spec.batchNorm(),
        spec.initialization(),
        spec.parameterization(),
        spec.baseWidth());
  }

  private static void statistics(
      MlpSpec beginning,
      ParameterLayout whole,
      int l,
      NetworkState state,
      Examples examples,
      ObjectiveEngine engine) {
    int width = beginning.outputs();
    ParameterLayout layout = new ParameterLayout(beginning);
    float[] theta = new float[layout.size()];
    int linear = layout.size() - 2 * layout.statisticsSize(); // weights and biases come first
    System.arraycopy(state.parameters(), 0, theta, 0, linear);
    System.arraycopy(
        state.parameters(), whole.gamma(0), theta, linear, 2 * layout.statisticsSize());
    NetworkState before =
        new NetworkState(
            theta,
            Arrays.copyOf(state.runningMean(), layout.statisticsSize()),
            Arrays.copyOf(state.runningVariance(), layout.statisticsSize()));
    Examples unlabelled =
        new Examples(examples.inputs(), new int[examples.count()], examples.features(), width);
    ObjectiveOptions outputsOnly =
        new ObjectiveOptions(LossFunction.MSE, 0, 0, BatchNormPolicy.FROZEN);
    float[] z;
    try (Objective objective = engine.objective(beginning, outputsOnly, unlabelled, before)) {
      z = objective.outputs(theta);
    }
    for (int unit = 0; unit < width; unit++) {
      double sum = 0;
      for (int i = 0; i < examples.count(); i++) {
        sum += z[i * width + unit];
      }
      double mean = sum / examples.count();
      double squares = 0;
      for (int i = 0; i < examples.count(); i++) {
        double deviation = z[i * width + unit] - mean;
        squares += deviation * deviation;
      }
      state.runningMean()[whole.statistics(l) + unit] = (float) mean;
      state.runningVariance()[whole.statistics(l) + unit] = (float) (squares / examples.count());
    }
  }
}
