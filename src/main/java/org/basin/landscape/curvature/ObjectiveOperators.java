package org.basin.landscape.curvature;

import org.basin.linalg.KrylovSequences;
import org.basin.linalg.SymmetricOperator;
import org.basin.train.Curvature;
import org.basin.train.Objective;

/** The matrices of second derivatives of an objective at θ as operators. */
public final class ObjectiveOperators {
  private ObjectiveOperators() {}

  private record Operator(Objective objective, Curvature curvature, float[] theta)
      implements SymmetricOperator {
    @Override
    public int size() {
      return objective.size();
    }

    @Override
    public void apply(float[] vectors, int count, float[] products) {
      switch (curvature) {
        case HESSIAN -> objective.hessianVectors(theta, vectors, count, products);
        case GAUSS_NEWTON -> objective.gaussNewtonVectors(theta, vectors, count, products);
        case RESIDUAL -> {
          float[] gaussNewton = new float[count * size()];
          objective.hessianVectors(theta, vectors, count, products);
          objective.gaussNewtonVectors(theta, vectors, count, gaussNewton);
          for (int i = 0; i < gaussNewton.length; i++) {
            products[i] -= gaussNewton[i];
          }
        }
      }
    }

    @Override
    public KrylovSequences sequences(float[][] known, int count, int steps) {
      KrylovSequences own = objective.sequences(curvature, theta, known, count, steps);
      return own != null ? own : SymmetricOperator.super.sequences(known, count, steps);
    }
  }

  /** H(θ). */
  public static SymmetricOperator hessian(Objective objective, float[] theta) {
    return new Operator(objective, Curvature.HESSIAN, theta);
  }

  /** G(θ). */
  static SymmetricOperator gaussNewton(Objective objective, float[] theta) {
    return new Operator(objective, Curvature.GAUSS_NEWTON, theta);
  }

  /** R(θ) = H(θ) − G(θ), at the cost of both. */
  static SymmetricOperator residual(Objective objective, float[] theta) {
    return new Operator(objective, Curvature.RESIDUAL, theta);
  }
}
