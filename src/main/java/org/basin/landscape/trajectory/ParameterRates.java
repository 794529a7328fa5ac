package org.basin.landscape.trajectory;

import java.util.Arrays;
import org.basin.model.MlpSpec;
import org.basin.model.ParameterLayout;

/**
 * How each parameter is moved: the parameterisation's multipliers of the learning rate, and which
 * parameters the penalties act on.
 *
 * @param multiplier r of each parameter's learning rate η_t r, {@code [P]}
 * @param weight whether it is a weight, not a bias, γ or β, {@code [P]}
 * @param uniform whether every multiplier is 1
 */
record ParameterRates(float[] multiplier, boolean[] weight, boolean uniform) {

  /**
   * The rates of a network.
   *
   * @param adaptive whether the optimiser is Adam-like
   */
  static ParameterRates of(MlpSpec spec, boolean adaptive) {
    ParameterLayout layout = new ParameterLayout(spec);
    float[] multiplier = new float[layout.size()];
    boolean[] weight = new boolean[layout.size()];
    boolean uniform = true;
    for (int l = 0; l < spec.layers(); l++) {
      float weights = (float) spec.parameterization().weightRate(spec, l, adaptive);
      float vectors = (float) spec.parameterization().vectorRate(spec, l, adaptive);
      int out = spec.fanOut(l);
      int first = layout.weight(l);
      int end = first + spec.fanIn(l) * out;
      Arrays.fill(multiplier, first, end, weights);
      Arrays.fill(weight, first, end, true);
      int bias = layout.bias(l);
      Arrays.fill(multiplier, bias, bias + (spec.bias() ? out : 0), vectors);
      int gamma = layout.gamma(l);
      Arrays.fill(multiplier, gamma, gamma + (spec.normalized(l) ? 2 * out : 0), vectors);
      boolean hasVectors = spec.bias() || spec.normalized(l);
      uniform &= weights == 1 && (vectors == 1 || !hasVectors);
    }
    return new ParameterRates(multiplier, weight, uniform);
  }
}
