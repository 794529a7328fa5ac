package org.basin.model;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Distribution of the initial parameters of a layer; fanIn and fanOut are its inputs and outputs.
 */
public enum Initialization {
  /** Weights N(0, 2/fanIn), biases 0 (He et al. 2015, eq. 10). */
  HE,
  /** Weights N(0, 2/(fanIn+fanOut)), biases 0 (Glorot and Bengio 2010, eq. 12). */
  XAVIER,
  /** Weights N(0, 1/fanIn), biases 0 (LeCun et al. 1998, section 4.6). */
  LECUN,
  /** Weights and biases U(-1/√fanIn, 1/√fanIn): what PyTorch's {@code Linear} does. */
  PYTORCH;

  /**
   * Draws a network's initial state: weights and biases layer by layer in the order of {@link
   * ParameterLayout}, γ = 1, β = 0, running means 0, running variances 1.
   *
   * @param random the replica's stream for initialisation
   */
  public static NetworkState draw(MlpSpec spec, SplittableRandom random) {
    ParameterLayout layout = new ParameterLayout(spec);
    float[] parameters = new float[layout.size()];
    for (int l = 0; l < spec.layers(); l++) {
      int weights = spec.fanIn(l) * spec.fanOut(l);
      double scale = spec.parameterization().initialScale(spec, l);
      spec.initialization().fill(parameters, layout.weight(l), weights, spec, l, scale, random);
      if (spec.bias() && spec.initialization() == PYTORCH) {
        PYTORCH.fill(parameters, layout.bias(l), spec.fanOut(l), spec, l, 1, random);
      }
      if (spec.normalized(l)) {
        Arrays.fill(parameters, layout.gamma(l), layout.gamma(l) + spec.fanOut(l), 1f);
      }
    }
    float[] runningVariance = new float[layout.statisticsSize()];
    Arrays.fill(runningVariance, 1f);
    return new NetworkState(parameters, new float[layout.statisticsSize()], runningVariance);
  }

  private void fill(
      float[] parameters,
      int offset,
      int count,
      MlpSpec spec,
      int layer,
      double scale,
      SplittableRandom random) {
    double fanIn = spec.fanIn(layer);
    double bound = scale / Math.sqrt(fanIn);
    double deviation =
        switch (this) {
          case HE -> scale * Math.sqrt(2 / fanIn);
          case XAVIER -> scale * Math.sqrt(2 / (fanIn + spec.fanOut(layer)));
          case LECUN, PYTORCH -> bound;
        };
    for (int i = offset; i < offset + count; i++) {
      double drawn =
          this == PYTORCH ? random.nextDouble(-bound, bound) : deviation * random.nextGaussian();
      parameters[i] = (float) drawn;
    }
  }
}
