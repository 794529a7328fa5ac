package org.basin.model;

/**
 * How initial scale and learning rate of a layer depend on width, in terms of the weights as the
 * network multiplies by them.
 *
 * <p>A parameterisation with multipliers in front of the weights (W = n^-a w) is the same as one
 * without them under other scales and rates (Yang and Hu 2021, section 3, "abc-parametrization": a
 * → 0 by b → a + b, c → 2a + c for SGD, a + c for Adam). Basin uses the form without multipliers,
 * so that every saved network is a plain one. Penalties act on the plain weights.
 *
 * <pre>
 *                 initial scale      rate of weights             rate of vectors (biases, γ, β)
 *                                    SGD-like      Adam-like     SGD-like      Adam-like
 * standard        1                  1             1             1             1
 * ntk             1                  1/fanIn       1/√fanIn      1             1
 * mup, input      1                  m             1             m             1
 * mup, hidden     1                  1             1/m           m             1
 * mup, output     1/√m               1/m           1/m           1             1
 * </pre>
 *
 * with m the layer's width (fanIn of the output layer, fanOut of the input layer, for hidden layers
 * fanIn in the rate of weights and fanOut in that of vectors) over {@code baseWidth}. A network
 * without hidden layers has nothing that grows: {@code mup} is {@code standard} there.
 */
public enum Parameterization {
  /** One learning rate for all layers; the initialisation's own scales. */
  STANDARD,
  /**
   * Neural tangent kernel parameterisation, W = w/√fanIn (Jacot et al. 2018; Lee et al. 2019, eq.
   * 1), with biases not scaled (their β, σ_b = 1 in the rate). Initial variances stay those of the
   * initialisation, which should be one of the 1/fanIn kind.
   */
  NTK,
  /**
   * Maximal update parameterisation (Yang and Hu 2021; Yang et al. 2022, "Tensor Programs V", table
   * 3), relative to {@code baseWidth}.
   */
  MUP;

  /** Factor of layer {@code layer}'s initial weights. */
  public double initialScale(MlpSpec spec, int layer) {
    return this == MUP && isOutput(spec, layer) ? 1 / Math.sqrt(inWidth(spec, layer)) : 1;
  }

  /**
   * Factor of the learning rate of layer {@code layer}'s weights.
   *
   * @param adaptive whether the optimiser is Adam-like
   */
  public double weightRate(MlpSpec spec, int layer, boolean adaptive) {
    return switch (this) {
      case STANDARD -> 1;
      case NTK -> adaptive ? 1 / Math.sqrt(spec.fanIn(layer)) : 1.0 / spec.fanIn(layer);
      case MUP -> {
        if (spec.layers() == 1) {
          yield 1;
        }
        if (layer == 0) {
          yield adaptive ? 1 : outWidth(spec, layer);
        }
        boolean shrinks = adaptive || isOutput(spec, layer);
        yield shrinks ? 1 / inWidth(spec, layer) : 1;
      }
    };
  }

  /**
   * Factor of the learning rate of layer {@code layer}'s bias, γ and β.
   *
   * @param adaptive whether the optimiser is Adam-like
   */
  public double vectorRate(MlpSpec spec, int layer, boolean adaptive) {
    boolean grows = this == MUP && !adaptive && layer < spec.layers() - 1;
    return grows ? outWidth(spec, layer) : 1;
  }

  private static boolean isOutput(MlpSpec spec, int layer) {
    return spec.layers() > 1 && layer == spec.layers() - 1;
  }

  private static double inWidth(MlpSpec spec, int layer) {
    return (double) spec.fanIn(layer) / spec.baseWidth();
  }

  private static double outWidth(MlpSpec spec, int layer) {
    return (double) spec.fanOut(layer) / spec.baseWidth();
  }
}
