package org.basin.linalg;

/**
 * A symmetric n × n matrix H that is known by its products with vectors.
 *
 * <p>Products are float32, the engines' precision: their rounding, about 6e-8 ‖H‖, bounds what can
 * be learnt from them (see {@link NoiseFloor}), so a double signature would only hide it.
 */
public interface SymmetricOperator {

  /** Order n, at least 1. */
  int size();

  /**
   * H v for several vectors at once, which an engine computes as matrix products.
   *
   * @param vectors v, {@code [count, n]}, row-major; only read; may be longer
   * @param count number of vectors, at least 1
   * @param products receives H v, {@code [count, n]}; not {@code vectors} itself; may be longer
   */
  void apply(float[] vectors, int count, float[] products);

  /**
   * Lanczos' recurrences of this operator; on the heap, unless an engine has them where it computes
   * its products.
   *
   * @param known orthonormal vectors that every basis begins with, {@code [k][n]}, float32, such as
   *     eigenvectors; only read
   * @param count number of sequences, at least 1
   * @param steps most vectors in a basis beside the known ones
   */
  default KrylovSequences sequences(float[][] known, int count, int steps) {
    return new HeapSequences(new Products(this), known, count, steps);
  }
}
