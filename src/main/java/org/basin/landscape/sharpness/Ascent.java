package org.basin.landscape.sharpness;

import java.util.List;
import java.util.SplittableRandom;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;

/**
 * Projected gradient ascent in a ball of radius ρ.
 *
 * <pre>
 * u ← P(u + η g / ‖g‖),  P the projection on the ball
 * </pre>
 *
 * <p>η is unbounded at first: u = ρ g / ‖g‖, which never falls where L is convex, and is the power
 * iteration where L is a quadratic whose gradient at 0 is 0. A step that falls is taken back, and η
 * becomes ρ, then half of what it was.
 *
 * <p>There may be several maxima, so there are three climbs: from the one step; from opposite to
 * where that one ended, because close to a minimum u and −u rise alike; and from a random point of
 * the sphere. The maximum has converged when none of them, at the pace of its last steps, would get
 * 1 % of the rise above it.
 */
final class Ascent {
  private static final double TOLERANCE = 0.01;

  private final PerturbedLoss loss;
  private final int steps;
  private final int quarter; // of the steps
  private final double[] elsewhere; // of norm 1, where the last climb starts
  private final double[] uphill; // of norm 1, the direction of the first step

  /**
   * Takes the gradient at 0.
   *
   * @param steps gradients of one climb after its start, at least 4
   * @param random gives the random point, which is the first step too where the gradient is 0
   */
  private Ascent(PerturbedLoss loss, int steps, SplittableRandom random)
      throws InterruptedException {
    this.loss = loss;
    this.steps = steps;
    quarter = steps / 4;
    double[] drawn = new double[loss.size()];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = random.nextGaussian();
    }
    elsewhere = scaled(drawn, 1 / PerturbedLoss.norm(drawn));
    double[] gradient = new double[loss.size()];
    loss.gradient(new double[loss.size()], gradient);
    double slope = PerturbedLoss.norm(gradient);
    uphill = slope == 0 ? elsewhere : scaled(gradient, 1 / slope);
  }

  /** The worst case within each of {@code radii}. */
  static WorstCase[] at(double[] radii, PerturbedLoss loss, int steps, SplittableRandom random)
      throws InterruptedException {
    Ascent ascent = new Ascent(loss, steps, random);
    WorstCase[] worst = new WorstCase[radii.length];
    for (int r = 0; r < radii.length; r++) {
      worst[r] = ascent.within(radii[r]);
    }
    return worst;
  }

  /** The worst case within {@code radius}: 3 + 3 {@code steps} gradients. */
  private WorstCase within(double radius) throws InterruptedException {
    Climb first = new Climb(scaled(uphill, radius));
    double oneStep = first.value - loss.center();
    double rounding = loss.rounding(first.value);
    first.climb(radius);
    List<Climb> climbs =
        List.of(first, new Climb(scaled(first.u, -1)), new Climb(scaled(elsewhere, radius)));
    for (Climb other : climbs.subList(1, climbs.size())) {
      other.climb(radius);
    }
    return new WorstCase(
        Double.isFinite(oneStep)
            ? Uncertain.of(oneStep, List.of(Contribution.known(Source.ROUNDING, rounding)), true)
            : WorstCase.notFinite(),
        maximum(climbs));
  }

  private Uncertain maximum(List<Climb> climbs) {
    Climb best = climbs.getFirst();
    double reachable = Double.NEGATIVE_INFINITY; // by whichever climb, if all went on
    for (Climb climb : climbs) {
      if (!Double.isFinite(climb.value)) {
        return WorstCase.notFinite();
      }
      best = climb.value > best.value ? climb : best;
      reachable = Math.max(reachable, climb.value + climb.left());
    }
    double rise = Math.max(0, best.value - loss.center());
    double rounding = loss.rounding(best.value);
    double allowed = Math.max(TOLERANCE * rise, rounding);
    double left = reachable - best.value;
    return Uncertain.of(
        rise,
        List.of(
            // A climb that may overtake by more than is allowed is no measure of an error.
            Contribution.known(Source.RESIDUAL, Math.max(best.left(), Math.min(left, allowed))),
            Contribution.known(Source.ROUNDING, rounding)),
        left <= allowed);
  }

  private static double[] scaled(double[] vector, double factor) {
    double[] result = new double[vector.length];
    for (int i = 0; i < vector.length; i++) {
      result[i] = factor * vector[i];
    }
    return result;
  }

  /** One climb. */
  private final class Climb {
    private final double[] gains = new double[steps];
    private double[] u;
    private double[] gradient;
    private double value;

    Climb(double[] start) throws InterruptedException {
      u = start;
      gradient = new double[start.length];
      value = loss.gradient(u, gradient);
    }

    /** Climbs; stops where the loss is not finite. */
    void climb(double radius) throws InterruptedException {
      double[] next = new double[u.length];
      double[] nextGradient = new double[u.length];
      double inertia = 0; // 1/η
      for (int step = 0; step < steps && Double.isFinite(value); step++) {
        step(next, inertia, radius);
        double reached = loss.gradient(next, nextGradient);
        if (reached <= value) {
          inertia = Math.max(1 / radius, 2 * inertia);
          continue;
        }
        gains[step] = reached - value;
        value = reached; // NaN too, which ends the climb
        double[] before = u;
        u = next;
        next = before;
        before = gradient;
        gradient = nextGradient;
        nextGradient = before;
      }
    }

    /** P(u + g / (inertia ‖g‖)). */
    private void step(double[] next, double inertia, double radius) {
      double length = PerturbedLoss.norm(gradient);
      if (length == 0) {
        System.arraycopy(u, 0, next, 0, u.length);
        return;
      }
      for (int i = 0; i < u.length; i++) {
        next[i] = inertia * u[i] + gradient[i] / length;
      }
      double factor = Math.min(1 / inertia, radius / PerturbedLoss.norm(next));
      for (int i = 0; i < u.length; i++) {
        next[i] *= factor;
      }
    }

    /** Sum of the gains of the last quarter of the steps, or of the one before it. */
    private double quarter(int last) {
      double sum = 0;
      for (int i = 0; i < quarter; i++) {
        sum += gains[steps - 1 - last * quarter - i];
      }
      return sum;
    }

    /**
     * What there is left to gain if gains go on to change as they did from one quarter of the steps
     * to the next, by the factor q: all of the geometric series if they fall, and what as many
     * steps again would gain if they do not.
     */
    double left() {
      double last = quarter(0);
      if (last <= quarter * loss.rounding(value)) {
        return last;
      }
      double q = last / Math.max(quarter(1), loss.rounding(value));
      return last * (q < 1 ? q / (1 - q) : q * (1 + q * (1 + q * (1 + q))));
    }
  }
}
