package org.basin.landscape.saddle;

import org.basin.landscape.curvature.ObjectiveOperators;
import org.basin.train.Objective;

/**
 * A saddle with the way out of it, and how far that way stays what it is at the saddle.
 *
 * @param theta θ_s, {@code [P]}
 * @param out v, unit vector of the smallest eigenvalue, {@code [P]}
 * @param curvature |λ_min|
 * @param norm ‖H‖
 * @param radius r, beyond which a run along v counts as out: an eighth of the distance R at which,
 *     in both directions, vᵀHv still is λ_min but for {@code change}. Runs go out along all
 *     negative directions at once, so they are well away from the saddle before they are far along
 *     v
 * @param change largest relative change of vᵀHv at θ_s ± R v
 */
record Saddle(
    float[] theta, float[] out, double curvature, double norm, double radius, double change) {
  /** Relative change of the curvature within which a landscape counts as quadratic. */
  private static final double QUADRATIC = 0.05;

  private static final double FARTHEST = 1;
  private static final double SHARE = 0.125;
  private static final int HALVINGS = 30;

  /** Finds the radius, by halving. */
  static Saddle of(Objective objective, float[] theta, float[] out, double curvature, double norm) {
    double radius = FARTHEST;
    double change = Double.POSITIVE_INFINITY;
    for (int halving = 0; halving < HALVINGS; halving++) {
      change =
          Math.max(
              change(objective, theta, out, curvature, radius),
              change(objective, theta, out, curvature, -radius));
      if (change <= QUADRATIC) {
        break;
      }
      radius /= 2;
    }
    return new Saddle(theta, out, curvature, norm, SHARE * radius, change);
  }

  private static double change(
      Objective objective, float[] theta, float[] out, double curvature, double distance) {
    float[] moved = new float[theta.length];
    for (int i = 0; i < theta.length; i++) {
      moved[i] = (float) (theta[i] + distance * out[i]);
    }
    float[] product = new float[theta.length];
    ObjectiveOperators.hessian(objective, moved).apply(out, 1, product);
    double there = 0;
    for (int i = 0; i < theta.length; i++) {
      there += (double) out[i] * product[i];
    }
    return Math.abs(there + curvature) / curvature;
  }

  /** The saddle in double precision. */
  double[] point() {
    double[] x = new double[theta.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = theta[i];
    }
    return x;
  }

  /** u = v·(x − θ_s). */
  double along(double[] x) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += out[i] * (x[i] - theta[i]);
    }
    return sum;
  }
}
