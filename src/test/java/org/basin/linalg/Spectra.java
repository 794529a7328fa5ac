package org.basin.linalg;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Spectra to plant. */
final class Spectra {

  private Spectra() {}

  /**
   * As of a network: ten outliers from 10 down to 1, a bulk of squares under 0.5, a negative part
   * to −0.3, and the rest null; ascending.
   */
  static double[] network(int size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] values = new double[size];
    for (int i = 0; i < 10; i++) {
      values[i] = Math.pow(10, 1 - i / 9.0);
    }
    int bulk = size / 3;
    for (int i = 10; i < 10 + bulk; i++) {
      double x = random.nextDouble();
      values[i] = 0.5 * x * x;
    }
    int negative = size / 5;
    for (int i = 10 + bulk; i < 10 + bulk + negative; i++) {
      double x = random.nextDouble();
      values[i] = -0.3 * x * x;
    }
    Arrays.sort(values);
    return values;
  }

  /** The largest, descending. */
  static double[] top(double[] ascending, int count) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = ascending[ascending.length - 1 - i];
    }
    return values;
  }

  static double sum(double[] values) {
    return Arrays.stream(values).sum();
  }
}
