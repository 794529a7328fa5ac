package org.basin.landscape.curvature;

import org.basin.linalg.SymmetricOperator;
import org.basin.train.Objective;

/** The matrices of second derivatives of an objective at θ as operators. */
public final class ObjectiveOperators {
  private ObjectiveOperators() {}

  private interface Product {
    void apply(float[] vectors, int count, float[] products);
  }

  private record Operator(int size, Product product) implements SymmetricOperator {
    @Override
    public void apply(float[] vectors, int count, float[] products) {
      product.apply(vectors, count, products);
    }
  }

  /** H(θ). */
  public static SymmetricOperator hessian(Objective objective, float[] theta) {
    return new Operator(
        objective.size(),
        (vectors, count, products) -> objective.hessianVectors(theta, vectors, count, products));
  }

  /** G(θ). */
  static SymmetricOperator gaussNewton(Objective objective, float[] theta) {
    return new Operator(
        objective.size(),
        (vectors, count, products) ->
            objective.gaussNewtonVectors(theta, vectors, count, products));
  }

  /** R(θ) = H(θ) − G(θ), at the cost of both. */
  static SymmetricOperator residual(Objective objective, float[] theta) {
    int size = objective.size();
    return new Operator(
        size,
        (vectors, count, products) -> {
          float[] gaussNewton = new float[count * size];
          objective.hessianVectors(theta, vectors, count, products);
          objective.gaussNewtonVectors(theta, vectors, count, gaussNewton);
          for (int i = 0; i < count * size; i++) {
            products[i] -= gaussNewton[i];
          }
        });
  }
}
