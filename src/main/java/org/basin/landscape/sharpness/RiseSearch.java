package org.basin.landscape.sharpness;

/**
 * Where the loss has risen above a level along a ray from θ, on the loss itself.
 *
 * <p>The loss is looked at at given radii, and between the last radius that is inside and the first
 * that is not by bisection. A rise and fall between two radii is not seen.
 */
final class RiseSearch {
  // Halvings of a bracket: 60 take the largest radius there is down to nothing.
  private static final int MOST_HALVINGS = 60;

  private final PerturbedLoss loss;
  private final double level;
  private final double tolerance;

  /**
   * A search.
   *
   * @param rise above L(θ), in units of the loss
   * @param tolerance relative, of the distances found
   */
  RiseSearch(PerturbedLoss loss, double rise, double tolerance) {
    this.loss = loss;
    level = loss.center() + rise;
    this.tolerance = tolerance;
  }

  /** Whether L(θ + t d) has not risen above the level; what is not finite has. */
  boolean inside(double[] direction, double t) throws InterruptedException {
    return loss.at(direction, t) <= level;
  }

  /** The distance t along d, looking at no radius beyond the first that is not inside. */
  Distance along(double[] direction, double[] radii) throws InterruptedException {
    double low = 0;
    for (double radius : radii) {
      if (!inside(direction, radius)) {
        return between(direction, low, radius);
      }
      low = radius;
    }
    return Distance.beyond(low);
  }

  /**
   * The distance t along d between one that is inside and one that is not.
   *
   * @param low inside; 0 for θ itself
   * @param high not inside
   */
  Distance between(double[] direction, double low, double high) throws InterruptedException {
    double in = low;
    double out = high;
    for (int i = 0; i < MOST_HALVINGS && out - in > tolerance * (out + in); i++) {
      double middle = (in + out) / 2;
      if (inside(direction, middle)) {
        in = middle;
      } else {
        out = middle;
      }
    }
    return new Distance((in + out) / 2, (out - in) / 2, out - in <= tolerance * (out + in));
  }
}
