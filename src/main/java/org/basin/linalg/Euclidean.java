package org.basin.linalg;

/** The inner product and norm of vectors, summed from the first component to the last. */
public final class Euclidean {
  private Euclidean() {}

  /**
   * Σ a_i b_i.
   *
   * @param a {@code [n]}
   * @param b {@code [n]}
   */
  public static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** √Σ x_i². */
  public static double norm(double[] vector) {
    return Math.sqrt(dot(vector, vector));
  }
}
