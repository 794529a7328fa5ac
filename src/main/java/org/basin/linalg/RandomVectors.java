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
}
