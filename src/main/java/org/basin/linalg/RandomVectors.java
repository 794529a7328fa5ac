package org.basin.linalg;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Test vectors z with E[z zᵀ] = I. */
final class RandomVectors {
  // Vectors in double precision at once: few, for the heap's sake.
  private static final int PROJECTED = 8;

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

  /** Several such vectors. */
  static float[][] rademacher(int size, int count, SplittableRandom random) {
    float[][] vectors = new float[count][];
    Arrays.setAll(vectors, i -> rademacher(size, random));
    return vectors;
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
   * Uniform on the sphere of norm √(n − k) in the complement of a sequence's k basis vectors; zero
   * where nothing is left.
   */
  static float[][] inComplement(
      KrylovSequences basis, int size, int count, SplittableRandom random) {
    int left = size - basis.dimension(0);
    float[][] results = new float[count][size];
    for (int from = 0; from < count; from += PROJECTED) {
      double[][] vectors = new double[Math.min(PROJECTED, count - from)][];
      Arrays.setAll(vectors, i -> gaussian(size, random));
      basis.project(0, vectors);
      for (int v = 0; v < vectors.length; v++) {
        double scale = left == 0 ? 0 : Math.sqrt(left) / Euclidean.norm(vectors[v]);
        for (int i = 0; i < size; i++) {
          results[from + v][i] = (float) (scale * vectors[v][i]);
        }
      }
    }
    return results;
  }
}
