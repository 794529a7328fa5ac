package org.basin.engine.reference;

import org.basin.data.Examples;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.train.LossFunction;

/** Outputs and their Jacobian in double precision, output by output. */
public final class ReferenceJacobian {
  private ReferenceJacobian() {}

  /**
   * ∂f_k(x_i)/∂θ with the state's statistics as constants.
   *
   * @return {@code [n K][P]}, example after example
   */
  public static double[][] of(MlpSpec spec, NetworkState state, Examples data) {
    double[] theta = widened(state.parameters());
    double[][] jacobian = new double[data.count() * spec.outputs()][];
    for (int i = 0; i < data.count(); i++) {
      ReferenceGradient network = network(spec, state, data.select(new int[] {i}));
      for (int k = 0; k < spec.outputs(); k++) {
        double[][] unit = new double[1][spec.outputs()];
        unit[0][k] = 1;
        jacobian[i * spec.outputs() + k] = network.backpropagate(theta, unit);
      }
    }
    return jacobian;
  }

  /** f_k(x_i), {@code [n][K]}. */
  public static double[][] outputs(MlpSpec spec, NetworkState state, Examples data) {
    return network(spec, state, data).logits;
  }

  private static ReferenceGradient network(MlpSpec spec, NetworkState state, Examples data) {
    double[][] inputs = new double[data.count()][data.features()];
    for (int i = 0; i < data.inputs().length; i++) {
      inputs[i / data.features()][i % data.features()] = data.inputs()[i];
    }
    ReferenceGradient network = new ReferenceGradient(spec, LossFunction.MSE);
    network.forward(
        widened(state.parameters()),
        widened(state.runningMean()),
        widened(state.runningVariance()),
        inputs);
    return network;
  }

  private static double[] widened(float[] values) {
    double[] widened = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      widened[i] = values[i];
    }
    return widened;
  }
}
