package org.basin.engine.cuda.twin;

/** The sum of a warp's lanes, a power of 2 of them, as shuffles with the neighbours add it. */
final class Lanes {
  private Lanes() {}

  /** Pairs are added, then pairs of pairs, and so on; overwrites {@code values}. */
  static float sum(float[] values) {
    for (int bit = 1; bit < values.length; bit *= 2) {
      for (int lane = 0; lane < values.length; lane += 2 * bit) {
        values[lane] += values[lane + bit];
      }
    }
    return values[0];
  }

  /** The same in double precision. */
  static double sum(double[] values) {
    for (int bit = 1; bit < values.length; bit *= 2) {
      for (int lane = 0; lane < values.length; lane += 2 * bit) {
        values[lane] += values[lane + bit];
      }
    }
    return values[0];
  }
}
