package org.basin.linalg;

import java.util.SplittableRandom;

/** A matrix that is stored, multiplied in float32 throughout as an engine would. */
public final class DenseOperator implements SymmetricOperator {
  private final int size;
  private final float[] entries; // [n, n]

  /** From entries {@code [n, n]}, row-major. */
  public DenseOperator(int size, double[] entries) {
    this.size = size;
    this.entries = new float[size * size];
    for (int i = 0; i < entries.length; i++) {
      this.entries[i] = (float) entries[i];
    }
  }

  /** The diagonal matrix of these. */
  public static DenseOperator diagonal(double... values) {
    double[] entries = new double[values.length * values.length];
    for (int i = 0; i < values.length; i++) {
      entries[i * values.length + i] = values[i];
    }
    return new DenseOperator(values.length, entries);
  }

  /** A matrix of any order with these eigenvalues and random eigenvectors. */
  public static DenseOperator planted(double[] eigenvalues, long seed) {
    int n = eigenvalues.length;
    SplittableRandom random = new SplittableRandom(seed);
    double[][] q = new double[n][];
    for (int i = 0; i < n; i++) {
      q[i] = RandomVectors.gaussian(n, random);
      for (int pass = 0; pass < 2; pass++) {
        for (int j = 0; j < i; j++) {
          double part = 0;
          for (int k = 0; k < n; k++) {
            part += q[i][k] * q[j][k];
          }
          for (int k = 0; k < n; k++) {
            q[i][k] -= part * q[j][k];
          }
        }
      }
      double norm = Euclidean.norm(q[i]);
      for (int k = 0; k < n; k++) {
        q[i][k] /= norm;
      }
    }
    double[] entries = new double[n * n];
    for (int e = 0; e < n; e++) {
      for (int i = 0; i < n; i++) {
        double scaled = eigenvalues[e] * q[e][i];
        for (int j = 0; j < n; j++) {
          entries[i * n + j] += scaled * q[e][j];
        }
      }
    }
    return new DenseOperator(n, entries);
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public void apply(float[] vectors, int count, float[] products) {
    for (int v = 0; v < count; v++) {
      for (int i = 0; i < size; i++) {
        products[v * size + i] = 0;
      }
      for (int j = 0; j < size; j++) { // columns, which are rows
        float part = vectors[v * size + j];
        for (int i = 0; i < size; i++) {
          products[v * size + i] += part * entries[j * size + i];
        }
      }
    }
  }
}
