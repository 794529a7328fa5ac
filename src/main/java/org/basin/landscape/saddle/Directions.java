package org.basin.landscape.saddle;

import java.util.SplittableRandom;

/** Random vectors without a preferred direction. */
final class Directions {
  private Directions() {}

  /** Uniform on the sphere of a radius in n dimensions. */
  static double[] sphere(int n, double radius, SplittableRandom random) {
    double[] vector = new double[n];
    double squares = 0;
    for (int i = 0; i < n; i++) {
      vector[i] = random.nextGaussian();
      squares += vector[i] * vector[i];
    }
    double scale = radius / Math.sqrt(squares);
    for (int i = 0; i < n; i++) {
      vector[i] *= scale;
    }
    return vector;
  }
}
