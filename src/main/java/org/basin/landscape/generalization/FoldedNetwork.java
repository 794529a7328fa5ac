package org.basin.landscape.generalization;

import java.util.Arrays;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.ParameterLayout;

/**
 * A network without batch normalisation that computes what one with it does, its statistics being
 * constants: with s_j = γ_j / √(variance_j + ε) of unit j,
 *
 * <pre>
 * W'_ij = W_ij s_j,   b'_j = (b_j − mean_j) s_j + β_j
 * </pre>
 *
 * <p>Norms of W are no property of the function, which does not change when W grows; norms of W'
 * are (Jiang et al. 2020, appendix C: "batch norm is folded into the weights").
 *
 * @param spec the network without normalisation, with biases where there was any
 * @param theta its parameters, {@code [P']}
 */
record FoldedNetwork(MlpSpec spec, float[] theta) {
  /** Batch normalisation's ε, as the engines have it. */
  private static final double NORM_EPSILON = 1e-5;

  /** Folds; a network without normalisation is left as it is. */
  static FoldedNetwork of(MlpSpec spec, NetworkState state) {
    if (!spec.normalized(0)) {
      return new FoldedNetwork(spec, state.parameters());
    }
    MlpSpec plain =
        new MlpSpec(
            spec.inputs(),
            spec.hidden(),
            spec.outputs(),
            spec.activation(),
            true,
            false,
            spec.initialization(),
            spec.parameterization(),
            spec.baseWidth());
    ParameterLayout from = new ParameterLayout(spec);
    ParameterLayout to = new ParameterLayout(plain);
    float[] theta = new float[to.size()];
    for (int l = 0; l < spec.layers(); l++) {
      fold(spec, state, l, from, theta, to);
    }
    return new FoldedNetwork(plain, theta);
  }

  /** The folded network before training, when running means are 0 and running variances 1. */
  static FoldedNetwork initial(MlpSpec spec, float[] parameters) {
    int statistics = new ParameterLayout(spec).statisticsSize();
    float[] ones = new float[statistics];
    Arrays.fill(ones, 1);
    return of(spec, new NetworkState(parameters, new float[statistics], ones));
  }

  private static void fold(
      MlpSpec spec,
      NetworkState state,
      int l,
      ParameterLayout from,
      float[] theta,
      ParameterLayout to) {
    float[] source = state.parameters();
    int width = spec.fanOut(l);
    for (int j = 0; j < width; j++) {
      double scale = 1;
      double shift = spec.bias() ? source[from.bias(l) + j] : 0;
      if (spec.normalized(l)) {
        int at = from.statistics(l) + j;
        scale = source[from.gamma(l) + j] / Math.sqrt(state.runningVariance()[at] + NORM_EPSILON);
        shift = (shift - state.runningMean()[at]) * scale + source[from.beta(l) + j];
      }
      for (int i = 0; i < spec.fanIn(l); i++) {
        theta[to.weight(l) + i * width + j] =
            (float) (source[from.weight(l) + i * width + j] * scale);
      }
      theta[to.bias(l) + j] = (float) shift;
    }
  }

  /** Weights W of layer {@code l}, {@code [fanIn, fanOut]}. */
  double[] weights(int l) {
    int from = new ParameterLayout(spec).weight(l);
    double[] weights = new double[spec.fanIn(l) * spec.fanOut(l)];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = theta[from + i];
    }
    return weights;
  }
}
