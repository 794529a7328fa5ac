package org.basin.theory;

import java.util.Arrays;
import java.util.List;

/** f(x) = ½ Σ λ_i x_i², with its critical point at 0. */
public final class QuadraticForm implements Function {
  private final double[] eigenvalues;

  /** The form of these λ, one a coordinate. */
  public QuadraticForm(double... eigenvalues) {
    if (eigenvalues.length == 0) {
      throw new IllegalArgumentException("a quadratic form in no dimensions");
    }
    this.eigenvalues = eigenvalues.clone();
  }

  /** x² − y², λ = (2, −2). */
  public static QuadraticForm hyperbolicParaboloid() {
    return new QuadraticForm(2, -2);
  }

  /** −½ a x² in one dimension. */
  public static QuadraticForm hill(double a) {
    return new QuadraticForm(-a);
  }

  /**
   * ½ a (x_1² + … + x_{d−1}² − x_d²): x² − y² in d dimensions, its last coordinate the way out.
   *
   * @param a curvature, above 0
   */
  public static QuadraticForm saddle(int dimension, double a) {
    double[] eigenvalues = new double[dimension];
    Arrays.fill(eigenvalues, a);
    eigenvalues[dimension - 1] = -a;
    return new QuadraticForm(eigenvalues);
  }

  @Override
  public int dimension() {
    return eigenvalues.length;
  }

  @Override
  public double value(double[] x) {
    double sum = 0;
    for (int i = 0; i < eigenvalues.length; i++) {
      sum += eigenvalues[i] * x[i] * x[i];
    }
    return sum / 2;
  }

  @Override
  public void gradient(double[] x, double[] gradient) {
    for (int i = 0; i < eigenvalues.length; i++) {
      gradient[i] = eigenvalues[i] * x[i];
    }
  }

  @Override
  public List<CriticalPoint> criticalPoints() {
    return List.of(new CriticalPoint(new double[eigenvalues.length], eigenvalues));
  }

  @Override
  public double infimum() {
    return Arrays.stream(eigenvalues).min().orElseThrow() < 0 ? Double.NEGATIVE_INFINITY : 0;
  }

  @Override
  public double smoothness() {
    return Arrays.stream(eigenvalues).map(Math::abs).max().orElseThrow();
  }
}
