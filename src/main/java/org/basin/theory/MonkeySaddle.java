package org.basin.theory;

import java.util.List;

/**
 * f(x, y) = x³ − 3xy² = Re (x + iy)³, three valleys and three ridges about a critical point whose
 * Hessian is 0: no strict saddle, so that the theorems about strict saddles say nothing of it.
 */
public final class MonkeySaddle implements Function {

  @Override
  public int dimension() {
    return 2;
  }

  @Override
  public double value(double[] x) {
    return x[0] * (x[0] * x[0] - 3 * x[1] * x[1]);
  }

  @Override
  public void gradient(double[] x, double[] gradient) {
    double first = x[0];
    double second = x[1];
    gradient[0] = 3 * (first * first - second * second);
    gradient[1] = -6 * first * second;
  }

  @Override
  public List<CriticalPoint> criticalPoints() {
    return List.of(new CriticalPoint(new double[2], new double[2]));
  }

  @Override
  public double infimum() {
    return Double.NEGATIVE_INFINITY;
  }

  @Override
  public double smoothness() {
    return Double.POSITIVE_INFINITY;
  }
}
