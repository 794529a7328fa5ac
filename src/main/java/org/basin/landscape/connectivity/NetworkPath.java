package org.basin.landscape.connectivity;

import org.basin.model.NetworkState;

/**
 * A path between two networks.
 *
 * @param shape how it goes
 * @param start θ₀
 * @param bend w, {@code [P]}; of a line it does not matter
 * @param end θ₁
 */
record NetworkPath(PathShape shape, NetworkState start, float[] bend, NetworkState end) {
  /** Intervals of Simpson's rule: of a smooth speed, its error is below double precision's. */
  private static final int INTERVALS = 1000;

  /** The straight line. */
  static NetworkPath line(NetworkState start, NetworkState end) {
    return new NetworkPath(PathShape.LINE, start, start.parameters(), end);
  }

  /** The same path with its bend at the middle of the line, where its training starts. */
  static NetworkPath straight(PathShape shape, NetworkState start, NetworkState end) {
    return new NetworkPath(shape, start, line(start, end).at(0.5).parameters(), end);
  }

  /**
   * The network at t. The ends are themselves; running statistics go straight from the one's to the
   * other's.
   */
  NetworkState at(double t) {
    double first = shape.start(t);
    double middle = shape.bend(t);
    double last = shape.end(t);
    float[] from = start.parameters();
    float[] to = end.parameters();
    float[] theta = new float[from.length];
    for (int i = 0; i < theta.length; i++) {
      theta[i] = (float) (first * from[i] + middle * bend[i] + last * to[i]);
    }
    return new NetworkState(
        theta,
        between(start.runningMean(), end.runningMean(), t),
        between(start.runningVariance(), end.runningVariance(), t));
  }

  private static float[] between(float[] from, float[] to, double t) {
    float[] values = new float[from.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) ((1 - t) * from[i] + t * to[i]);
    }
    return values;
  }

  /** ‖θ₁ − θ₀‖. */
  double chord() {
    double squares = 0;
    for (int i = 0; i < bend.length; i++) {
      double way = (double) end.parameters()[i] - start.parameters()[i];
      squares += way * way;
    }
    return Math.sqrt(squares);
  }

  /** ∫ ‖φ'(t)‖ dt from 0 to 1. */
  double length() {
    double first = 0; // ‖w − θ₀‖²
    double both = 0; // (w − θ₀)ᵀ (θ₁ − w)
    double second = 0; // ‖θ₁ − w‖²
    for (int i = 0; i < bend.length; i++) {
      double before = (double) bend[i] - start.parameters()[i];
      double after = (double) end.parameters()[i] - bend[i];
      first += before * before;
      both += before * after;
      second += after * after;
    }
    return switch (shape) {
      case LINE -> chord();
      case POLYGON -> Math.sqrt(first) + Math.sqrt(second);
      case BEZIER -> {
        double sum = 0;
        for (int k = 0; k <= INTERVALS; k++) {
          double t = (double) k / INTERVALS;
          double left = 1 - t;
          double squared = left * left * first + 2 * t * left * both + t * t * second;
          double weight = k == 0 || k == INTERVALS ? 1 : k % 2 == 1 ? 4 : 2;
          sum += weight * 2 * Math.sqrt(Math.max(0, squared));
        }
        yield sum / (3 * INTERVALS);
      }
    };
  }
}
