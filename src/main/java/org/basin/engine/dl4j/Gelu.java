package org.basin.engine.dl4j;

import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.BaseActivationFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erf;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * z Φ(z), elementwise, with the exact normal distribution function Φ (Hendrycks and Gimpel 2016).
 *
 * <p>DL4J M2.1's own {@code ActivationGELU} is another function: its precise form computes tanh of
 * √(2/π) (z + (0.044715 z)³) where z + 0.044715 z³ belongs, off by 0.033 at z = 2, and its fast
 * form is z σ(1.702 z). Public, with a constructor of no arguments, because a saved network names
 * it and DL4J makes it when it loads one.
 */
public final class Gelu extends BaseActivationFunction {
  private static final long serialVersionUID = 1L;

  @Override
  public INDArray getActivation(INDArray in, boolean training) {
    return in.muli(normalDistribution(in));
  }

  @Override
  public Pair<INDArray, INDArray> backprop(INDArray in, INDArray epsilon) {
    // Φ(z) + z φ(z)
    INDArray density =
        Transforms.exp(in.mul(in).muli(-0.5), false).muli(1 / Math.sqrt(2 * Math.PI));
    INDArray slope = normalDistribution(in).addi(density.muli(in));
    return new Pair<>(slope.muli(epsilon), null);
  }

  /** Φ(z) = (1 + erf(z/√2)) / 2, in a new array. */
  private static INDArray normalDistribution(INDArray z) {
    INDArray scaled = z.mul(1 / Math.sqrt(2));
    return Nd4j.getExecutioner().exec(new Erf(scaled, scaled)).addi(1).muli(0.5);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Gelu;
  }

  @Override
  public int hashCode() {
    return Gelu.class.hashCode();
  }

  @Override
  public String toString() {
    return "gelu";
  }
}
