package org.basin.theory;

import java.util.List;

/** A twice differentiable function f: ℝ^d → ℝ about which the answers are known. */
public interface Function {

  /** d. */
  int dimension();

  /**
   * f(x).
   *
   * @param x {@code [d]}, only read
   */
  double value(double[] x);

  /**
   * ∇f(x).
   *
   * @param x {@code [d]}, only read
   * @param gradient {@code [d]}, overwritten
   */
  void gradient(double[] x, double[] gradient);

  /** Critical points that are known, not always all of them. */
  List<CriticalPoint> criticalPoints();

  /** f* = inf f; −∞ where f is not bounded below. */
  double infimum();

  /** The smallest L with ‖∇f(x) − ∇f(y)‖ ≤ L ‖x − y‖ everywhere; infinite where there is none. */
  double smoothness();
}
