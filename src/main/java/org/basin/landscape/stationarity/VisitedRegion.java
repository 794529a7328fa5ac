package org.basin.landscape.stationarity;

import java.util.SplittableRandom;
import org.basin.landscape.BatchGradients;
import org.basin.landscape.curvature.ObjectiveOperators;
import org.basin.linalg.Eigenpair;
import org.basin.linalg.KrylovSpace;
import org.basin.linalg.Lanczos;
import org.basin.train.Objective;

/**
 * What a theorem's constants are where its iterates pass: the largest eigenvalue of H, and the
 * variance E ‖∇l_i − ∇f‖² of one example's gradient, over all examples or {@value #MOST_EXAMPLES}
 * drawn at every look.
 */
final class VisitedRegion {
  // The bound on λ's error is r²/gap: a residual of 1 % of λ is far less of an error.
  private static final Lanczos.Options LARGEST = new Lanczos.Options(1, 0, 1e-2, 200, 100);

  /** More are not looked at: the variance is then known to some percent. */
  private static final int MOST_EXAMPLES = 500;

  private final Objective objective;
  private final BatchGradients gradients;
  private double smoothness = Double.NEGATIVE_INFINITY;
  private double largestVariance;
  private double variances;
  private int looks;

  VisitedRegion(Objective objective, BatchGradients gradients) {
    this.objective = objective;
    this.gradients = gradients;
  }

  /**
   * Looks at a point.
   *
   * @param theta {@code [P]}
   * @param gradient ∇f there, {@code [P]}
   * @return the largest eigenvalue there, with what it may be off by on top
   */
  double look(float[] theta, float[] gradient, SplittableRandom random) {
    Eigenpair largest;
    try (KrylovSpace space =
        Lanczos.space(ObjectiveOperators.hessian(objective, theta), LARGEST, 0, random)) {
      largest = space.pairs().largest().getFirst();
    }
    double[] sum = new double[1];
    int[] some = gradients.sample(MOST_EXAMPLES, random);
    gradients.forEach(
        theta,
        some,
        one -> {
          for (int i = 0; i < one.length; i++) {
            double difference = (double) one[i] - gradient[i];
            sum[0] += difference * difference;
          }
        });
    double variance = sum[0] / some.length;
    largestVariance = Math.max(largestVariance, variance);
    variances += variance;
    looks++;
    double curvature = largest.value() + largest.residualError();
    smoothness = Math.max(smoothness, curvature);
    return curvature;
  }

  /** The largest of all looks. */
  double smoothness() {
    return smoothness;
  }

  /** The largest of all looks. */
  double largestVariance() {
    return largestVariance;
  }

  /** The mean over all looks. */
  double meanVariance() {
    return variances / looks;
  }
}
