package org.basin.theory;

import java.util.List;
import java.util.stream.IntStream;

/**
 * f(x) = Σ (1 − cos x_i): critical where every x_i is a multiple of π, with an eigenvalue 1 for
 * each even multiple and −1 for each odd one.
 */
public final class CosineWells implements Function {
  private final int dimension;

  /** The function in {@code dimension} dimensions. */
  public CosineWells(int dimension) {
    if (dimension < 1) {
      throw new IllegalArgumentException("cosines in " + dimension + " dimensions");
    }
    this.dimension = dimension;
  }

  @Override
  public int dimension() {
    return dimension;
  }

  @Override
  public double value(double[] x) {
    double sum = 0;
    for (double each : x) {
      double half = Math.sin(each / 2);
      sum += 2 * half * half;
    }
    return sum;
  }

  @Override
  public void gradient(double[] x, double[] gradient) {
    for (int i = 0; i < dimension; i++) {
      gradient[i] = Math.sin(x[i]);
    }
  }

  /** The minimum at 0, and the d saddles with the first few coordinates at π; the rest repeat. */
  @Override
  public List<CriticalPoint> criticalPoints() {
    return IntStream.rangeClosed(0, dimension).mapToObj(this::point).toList();
  }

  private CriticalPoint point(int raised) {
    double[] point = new double[dimension];
    double[] eigenvalues = new double[dimension];
    for (int i = 0; i < dimension; i++) {
      point[i] = i < raised ? Math.PI : 0;
      eigenvalues[i] = i < raised ? -1 : 1;
    }
    return new CriticalPoint(point, eigenvalues);
  }

  @Override
  public double infimum() {
    return 0;
  }

  @Override
  public double smoothness() {
    return 1;
  }
}
