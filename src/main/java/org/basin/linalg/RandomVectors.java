package org.basin.linalg;

import java.util.SplittableRandom;

/** Test vectors z with E[z zᵀ] = I. */
final class RandomVectors {

  private RandomVectors() {}

  /** Independent signs ±1: ‖z‖² is n exactly, and zᵀHz varies the least (Hutchinson 1990). */
  static float[] rademacher(int size, SplittableRandom random) {
    float[] vector = new float[size];
    long bits = 0;
    for (int i = 0; i < size; i++) {
      if (i % Long.SIZE == 0) {
        bits = random.nextLong();
      }
      vector[i] = (bits & 1) == 0 ? 1 : -1;
      bits >>>= 1;
    }
    return vector;
  }

  /** Independent standard normal: no direction is preferred. */
  static double[] gaussian(int size, SplittableRandom random) {
    double[] vector = new double[size];
    for (int i = 0; i < size; i++) {
      vector[i] = random.nextGaussian();
    }
    return vector;
  }

  /**
   * Uniform on the sphere of norm √(n − k) in the complement of k basis vectors; zero where nothing
   * is left.
   */
  static float[] inComplement(Basis basis, int size, SplittableRandom random) {
    double[] vector = gaussian(size, random);
    basis.orthogonalize(vector, 0);
    int left = size - basis.size();
    double scale = left == 0 ? 0 : Math.sqrt(left) / Euclidean.norm(vector);
    float[] result = new float[size];
    for (int i = 0; i < size; i++) {
      result[i] = (float) (scale * vector[i]);
    }
    return result;
  }
}
