package org.basin.report;

/**
 * Where a sampled curve first reaches a level, by linear interpolation between samples.
 *
 * @param place whether and where
 * @param at abscissa of the crossing; NaN unless {@code place} is {@link Place#INSIDE}
 */
record Crossing(Place place, double at) {

  /** Where a crossing lies relative to the samples. */
  enum Place {
    /** At the first sample the level is reached already: the crossing is at it or before it. */
    AT_OR_BEFORE_FIRST,
    /** After the first and up to the last sample. */
    INSIDE,
    /** No sample reaches the level. */
    NOT_REACHED
  }

  private static final Crossing BEFORE = new Crossing(Place.AT_OR_BEFORE_FIRST, Double.NaN);
  private static final Crossing NEVER = new Crossing(Place.NOT_REACHED, Double.NaN);

  /**
   * First place where the curve falls to {@code level} or below. Samples that are NaN are skipped.
   *
   * @param x abscissae, ascending
   * @param y ordinates, as many
   */
  static Crossing falling(double[] x, double[] y, double level) {
    int previous = -1;
    for (int i = 0; i < x.length; i++) {
      if (Double.isNaN(y[i])) {
        continue;
      }
      if (y[i] <= level) {
        if (previous < 0) {
          return BEFORE;
        }
        double share = (y[previous] - level) / (y[previous] - y[i]);
        return new Crossing(Place.INSIDE, x[previous] + share * (x[i] - x[previous]));
      }
      previous = i;
    }
    return NEVER;
  }

  /** First place where the curve rises to {@code level} or above; the mirror of {@code falling}. */
  static Crossing rising(double[] x, double[] y, double level) {
    double[] mirrored = new double[y.length];
    for (int i = 0; i < y.length; i++) {
      mirrored[i] = -y[i];
    }
    return falling(x, mirrored, -level);
  }

  /** Whether the place of the crossing is known. */
  boolean isInside() {
    return place == Place.INSIDE;
  }
}
