package org.basin.landscape.surface;

/**
 * Equally spaced coordinates along a direction, one of which is exactly 0: the network.
 *
 * @param points number of coordinates
 * @param centre index of 0
 * @param step distance of neighbours
 */
record Axis(int points, int centre, double step) {
  /** Of the path's extent, what is left free on each side. */
  private static final double MARGIN = 0.1;

  /** From {@code -range} to {@code range}, for an odd number of points. */
  static Axis symmetric(double range, int points) {
    int half = points / 2;
    return new Axis(points, half, range / half);
  }

  /** From below the least to above the largest of {@code coordinates} and 0, with a margin. */
  static Axis covering(double[] coordinates, int points) {
    double low = 0;
    double high = 0;
    for (double coordinate : coordinates) {
      low = Math.min(low, coordinate);
      high = Math.max(high, coordinate);
    }
    double margin = MARGIN * (high - low);
    // One step more than is needed, so that 0 may be moved onto a point.
    double step = (high - low + 2 * margin) / (points - 2);
    return new Axis(points, (int) Math.ceil((margin - low) / step), step);
  }

  /** The coordinate of a point. */
  double at(int index) {
    return (index - centre) * step;
  }
}
