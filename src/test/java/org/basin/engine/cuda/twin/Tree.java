package org.basin.engine.cuda.twin;

/** The sum of a block's threads. */
final class Tree {
  private Tree() {}

  /** The second half is added to the first, until one value is left; overwrites {@code values}. */
  static double sum(double[] values) {
    for (int half = values.length / 2; half > 0; half /= 2) {
      for (int t = 0; t < half; t++) {
        values[t] += values[t + half];
      }
    }
    return values[0];
  }
}
