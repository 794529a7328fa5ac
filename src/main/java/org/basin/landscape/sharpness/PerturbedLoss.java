package org.basin.landscape.sharpness;

import org.basin.train.Objective;

/** The loss around θ, L(θ + s ∘ u), as a function of u, {@code [P]}. */
final class PerturbedLoss {
  private static final double EPSILON = Math.ulp(1f);

  /** Values of the points that are evaluated together: engines are quicker with many at once. */
  private static final int MOST_VALUES = 1 << 22;

  private final Objective objective;
  private final float[] theta;
  private final double[] scale;
  private final float[] point;
  private final float[] gradient;
  private final double center;

  /**
   * Evaluates the loss at θ.
   *
   * @param theta {@code [P]}
   * @param scale s, {@code [P]}
   */
  PerturbedLoss(Objective objective, float[] theta, double[] scale) {
    this.objective = objective;
    this.theta = theta;
    this.scale = scale;
    point = new float[theta.length];
    gradient = new float[theta.length];
    center = objective.loss(theta);
  }

  int size() {
    return theta.length;
  }

  /** Number of parameters that can move: those with s ≠ 0. */
  int moving() {
    int count = 0;
    for (double s : scale) {
      count += s == 0 ? 0 : 1;
    }
    return count;
  }

  /** L(θ). */
  double center() {
    return center;
  }

  /** Bytes of the heap for the points that losses are asked for at once, at most. */
  static long heapBytes(long parameters) {
    return Float.BYTES * Math.max(parameters, MOST_VALUES);
  }

  /** L(θ + t s ∘ u). */
  double at(double[] u, double t) throws InterruptedException {
    moveTo(u, t);
    return objective.loss(point);
  }

  /** L(θ + t s ∘ u) for every t, in as few parts as {@link #MOST_VALUES} allows. */
  double[] at(double[] u, double[] ts) throws InterruptedException {
    int atOnce = Math.clamp(MOST_VALUES / point.length, 1, ts.length);
    float[] points = new float[atOnce * point.length];
    double[] losses = new double[ts.length];
    for (int from = 0; from < ts.length; from += atOnce) {
      int count = Math.min(atOnce, ts.length - from);
      for (int i = 0; i < count; i++) {
        moveTo(u, ts[from + i]);
        System.arraycopy(point, 0, points, i * point.length, point.length);
      }
      System.arraycopy(objective.losses(points, count), 0, losses, from, count);
    }
    return losses;
  }

  /**
   * L(θ + s ∘ u) and its gradient by u.
   *
   * @param into receives s ∘ ∇L(θ + s ∘ u), {@code [P]}
   */
  double gradient(double[] u, double[] into) throws InterruptedException {
    moveTo(u, 1);
    double loss = objective.gradient(point, gradient);
    for (int i = 0; i < into.length; i++) {
      into[i] = scale[i] * gradient[i];
    }
    return loss;
  }

  /**
   * What float32 passes may move a difference to L(θ) by, in order of magnitude.
   *
   * @param loss the other loss
   */
  double rounding(double loss) {
    return EPSILON * (Math.abs(center) + Math.abs(loss));
  }

  private void moveTo(double[] u, double t) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    for (int i = 0; i < point.length; i++) {
      point[i] = (float) (theta[i] + t * scale[i] * u[i]);
    }
  }

  /** ‖u‖₂. */
  static double norm(double[] u) {
    double squares = 0;
    for (double value : u) {
      squares += value * value;
    }
    return Math.sqrt(squares);
  }
}
