package org.basin.landscape.trajectory;

import org.basin.linalg.SymmetricOperator;
import org.basin.train.Objective;
import org.jspecify.annotations.Nullable;

/**
 * The curvature that a step meets, diag(scale) H(θ) diag(scale) + diag(shift).
 *
 * @param objective whose H
 * @param theta θ, {@code [P]}
 * @param scale {@code [P]}; null for 1
 * @param shift {@code [P]}; null for 0
 */
record StepCurvature(
    Objective objective, float[] theta, float @Nullable [] scale, float @Nullable [] shift)
    implements SymmetricOperator {

  /** H(θ) itself. */
  static StepCurvature plain(Objective objective, float[] theta) {
    return new StepCurvature(objective, theta, null, null);
  }

  @Override
  public int size() {
    return objective.size();
  }

  @Override
  public void apply(float[] vectors, int count, float[] products) {
    int size = size();
    float[] scaled = vectors;
    if (scale != null) {
      scaled = new float[count * size];
      for (int i = 0; i < scaled.length; i++) {
        scaled[i] = scale[i % size] * vectors[i];
      }
    }
    objective.hessianVectors(theta, scaled, count, products);
    for (int i = 0; i < count * size; i++) {
      float product = scale == null ? products[i] : scale[i % size] * products[i];
      products[i] = shift == null ? product : product + shift[i % size] * vectors[i];
    }
  }
}
