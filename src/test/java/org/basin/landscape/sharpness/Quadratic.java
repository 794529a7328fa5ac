package org.basin.landscape.sharpness;

import java.util.Arrays;
import org.basin.engine.ObjectiveCase;
import org.basin.engine.reference.ReferenceObjective;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.EigenDecompositionSymmetric;

/**
 * A quadratic loss around θ in closed form, L(θ + δ) − L(θ) = gᵀδ + ½ δᵀHδ, in the eigenvectors of
 * H; of a linear model with squared error this is exact.
 *
 * @param eigenvalues λ, descending
 * @param gradient Vᵀg
 * @param vectors V, {@code [index][P]}
 */
record Quadratic(double[] eigenvalues, double[] gradient, double[][] vectors) {

  /** The objective at θ in double precision, by u of δ = s ∘ u. */
  static Quadratic of(ObjectiveCase c, double[] scale) {
    try (ReferenceObjective oracle =
        new ReferenceObjective(c.spec(), c.options(), c.data(), c.statistics())) {
      int size = oracle.size();
      double[] theta = new double[size];
      Arrays.setAll(theta, i -> c.theta()[i]);
      double[] slope = oracle.gradient(theta);
      double[][] matrix = new double[size][];
      for (int i = 0; i < size; i++) {
        double[] unit = new double[size];
        unit[i] = scale[i];
        matrix[i] = oracle.hessianVector(theta, unit);
        for (int j = 0; j < size; j++) {
          matrix[i][j] *= scale[j];
        }
        slope[i] *= scale[i];
      }
      for (int i = 0; i < size; i++) {
        for (int j = 0; j < i; j++) {
          matrix[i][j] = matrix[j][i];
        }
      }
      EigenDecompositionSymmetric pairs =
          new EigenDecompositionSymmetric(new Array2DRowRealMatrix(matrix, false));
      double[] rotated = new double[size];
      double[][] vectors = new double[size][];
      for (int k = 0; k < size; k++) {
        vectors[k] = pairs.getEigenvector(k).toArray();
        for (int i = 0; i < size; i++) {
          rotated[k] += vectors[k][i] * slope[i];
        }
      }
      return new Quadratic(pairs.getEigenvalues(), rotated, vectors);
    }
  }

  /** θ + δ at the minimum, δ = −H⁻¹ g, of a quadratic with positive curvature. */
  float[] minimum(float[] theta) {
    float[] minimum = theta.clone();
    for (int i = 0; i < theta.length; i++) {
      double delta = 0;
      for (int k = 0; k < theta.length; k++) {
        delta -= vectors[k][i] * gradient[k] / eigenvalues[k];
      }
      minimum[i] += (float) delta;
    }
    return minimum;
  }

  private double norm(double mu) {
    double squares = 0;
    for (int k = 0; k < gradient.length; k++) {
      double part = gradient[k] / (mu - eigenvalues[k]);
      squares += part * part;
    }
    return Math.sqrt(squares);
  }

  /**
   * max over ‖δ‖ ≤ ρ of a quadratic with positive curvature: (μ − H) δ = g with ‖δ‖ = ρ and μ > λ₁,
   * by bisection on μ (Moré and Sorensen 1983).
   */
  double worst(double radius) {
    double low = eigenvalues[0];
    double high = eigenvalues[0] + slope() / radius + 1;
    for (int i = 0; i < 200; i++) {
      double middle = (low + high) / 2;
      if (norm(middle) > radius) {
        low = middle;
      } else {
        high = middle;
      }
    }
    double rise = 0;
    double squares = 0;
    for (int k = 0; k < gradient.length; k++) {
      double delta = gradient[k] / (high - eigenvalues[k]);
      rise += gradient[k] * delta + eigenvalues[k] / 2 * delta * delta;
      squares += delta * delta;
    }
    // Without gradient along the first vector, the rest of the radius goes there.
    return rise + eigenvalues[0] / 2 * Math.max(0, radius * radius - squares);
  }

  /** The rise at ρ g / ‖g‖. */
  double oneStep(double radius) {
    double curvature = 0;
    for (int k = 0; k < gradient.length; k++) {
      curvature += eigenvalues[k] * gradient[k] * gradient[k];
    }
    double norm = slope();
    return radius * norm + radius * radius / 2 * curvature / (norm * norm);
  }

  private double slope() {
    return PerturbedLoss.norm(gradient);
  }

  /** tr H. */
  double trace() {
    return Arrays.stream(eigenvalues).sum();
  }
}
