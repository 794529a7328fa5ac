package org.basin.landscape.saddle;

import java.util.List;
import org.basin.theory.CriticalPoint;
import org.basin.theory.Function;
import org.basin.train.Objective;

/**
 * An objective as theory's optimisers see a function; of double-precision points, whose small
 * displacements float32 would round away.
 *
 * @param objective answers in float32
 */
record ObjectiveFunction(Objective objective) implements Function {
  @Override
  public int dimension() {
    return objective.size();
  }

  @Override
  public double value(double[] x) {
    return objective.loss(rounded(x));
  }

  @Override
  public void gradient(double[] x, double[] gradient) {
    float[] there = new float[x.length];
    objective.gradient(rounded(x), there);
    for (int i = 0; i < x.length; i++) {
      gradient[i] = there[i];
    }
  }

  /** None are known. */
  @Override
  public List<CriticalPoint> criticalPoints() {
    return List.of();
  }

  @Override
  public double infimum() {
    return 0;
  }

  /** A network's gradient has no Lipschitz constant. */
  @Override
  public double smoothness() {
    return Double.POSITIVE_INFINITY;
  }

  /** The nearest float32 point. */
  static float[] rounded(double[] x) {
    float[] floats = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      floats[i] = (float) x[i];
    }
    return floats;
  }
}
