package org.basin.linalg;

import java.util.SplittableRandom;

/**
 * A matrix of order 2^p with planted eigenvalues whose eigenvectors are spread over all components:
 * V diag(λ) Vᵀ with V = D W E W / n, of Walsh–Hadamard transforms W and random signs D, E; float32
 * throughout. A product takes O(n log n), so that there can be many.
 */
public final class PlantedOperator implements SymmetricOperator {
  private final float[] eigenvalues;
  private final float[] outer;
  private final float[] inner;

  /** With these eigenvalues, their number a power of two. */
  public PlantedOperator(double[] eigenvalues, long seed) {
    int n = eigenvalues.length;
    if (Integer.bitCount(n) != 1) {
      throw new IllegalArgumentException("a power of two");
    }
    SplittableRandom random = new SplittableRandom(seed);
    this.eigenvalues = new float[n];
    for (int i = 0; i < n; i++) {
      this.eigenvalues[i] = (float) eigenvalues[i];
    }
    outer = RandomVectors.rademacher(n, random);
    inner = RandomVectors.rademacher(n, random);
  }

  @Override
  public int size() {
    return eigenvalues.length;
  }

  @Override
  public void apply(float[] vectors, int count, float[] products) {
    int n = eigenvalues.length;
    float[] x = new float[n];
    for (int v = 0; v < count; v++) {
      System.arraycopy(vectors, v * n, x, 0, n);
      multiply(x, outer);
      transform(x);
      multiply(x, inner);
      transform(x);
      multiply(x, eigenvalues);
      transform(x);
      multiply(x, inner);
      transform(x);
      multiply(x, outer);
      for (int i = 0; i < n; i++) {
        products[v * n + i] = x[i] / n / n;
      }
    }
  }

  private static void multiply(float[] x, float[] by) {
    for (int i = 0; i < x.length; i++) {
      x[i] *= by[i];
    }
  }

  private static void transform(float[] x) {
    for (int half = 1; half < x.length; half *= 2) {
      for (int start = 0; start < x.length; start += 2 * half) {
        for (int i = start; i < start + half; i++) {
          float sum = x[i] + x[i + half];
          x[i + half] = x[i] - x[i + half];
          x[i] = sum;
        }
      }
    }
  }
}
