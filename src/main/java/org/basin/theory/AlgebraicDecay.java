package org.basin.theory;

import java.util.Arrays;
import java.util.List;

/**
 * f(x) = Σ (1 + x_i²)^(−p/2): hilltops that level off towards f* = 0 at infinity, where x grows as
 * k^(1/(p+2)) under gradient descent and ‖∇f‖² falls as k^(−(2p+2)/(p+2)): hardly faster than the
 * 1/k that smoothness alone guarantees, where p is small.
 */
public final class AlgebraicDecay implements Function {
  private final int dimension;
  private final double power;

  /**
   * The function in {@code dimension} dimensions.
   *
   * @param power p, above 0
   */
  public AlgebraicDecay(int dimension, double power) {
    if (dimension < 1 || !(power > 0)) {
      throw new IllegalArgumentException("power " + power + " in " + dimension + " dimensions");
    }
    this.dimension = dimension;
    this.power = power;
  }

  /** The exponent −(2p + 2)/(p + 2) with which ‖∇f(x_k)‖² falls, from x' = −f'(x) for large x. */
  public double gradientExponent() {
    return -(2 * power + 2) / (power + 2);
  }

  @Override
  public int dimension() {
    return dimension;
  }

  @Override
  public double value(double[] x) {
    double sum = 0;
    for (double each : x) {
      sum += Math.pow(1 + each * each, -power / 2);
    }
    return sum;
  }

  @Override
  public void gradient(double[] x, double[] gradient) {
    for (int i = 0; i < dimension; i++) {
      gradient[i] = -power * x[i] * Math.pow(1 + x[i] * x[i], -power / 2 - 1);
    }
  }

  @Override
  public List<CriticalPoint> criticalPoints() {
    double[] eigenvalues = new double[dimension];
    Arrays.fill(eigenvalues, -power);
    return List.of(new CriticalPoint(new double[dimension], eigenvalues));
  }

  @Override
  public double infimum() {
    return 0;
  }

  /** |f''| is largest at 0, where it is p; on the slope it is 2p (1 + 3/(p+1))^(−p/2−2) at most. */
  @Override
  public double smoothness() {
    return power;
  }
}
