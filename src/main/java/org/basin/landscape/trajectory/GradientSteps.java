package org.basin.landscape.trajectory;

import java.util.List;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;
import org.basin.train.GradientClipping;
import org.basin.train.Objective;

/**
 * How smooth the loss looks from here along its gradient g (Santurkar et al. 2018, "How does batch
 * normalization help optimization?", section 3.1): at θ' = θ − s g for the step sizes s = η/4, η/2,
 * η, 2η, 4η around the learning rate η,
 *
 * <pre>
 * loss change L(θ') − L(θ),   gradient change ‖∇L(θ') − g‖,
 * effective smoothness β = max over s of ‖∇L(θ') − g‖ / ‖θ' − θ‖
 * </pre>
 *
 * @param lossChangeMin smallest loss change of them
 * @param lossChangeMax largest
 * @param gradientChangeMin smallest gradient change
 * @param gradientChangeMax largest
 * @param smoothness β, over the steps whose gradient change is at least three times its rounding;
 *     NaN where there is none
 */
record GradientSteps(
    double lossChangeMin,
    double lossChangeMax,
    double gradientChangeMin,
    double gradientChangeMax,
    Uncertain smoothness) {
  private static final double[] MULTIPLES = {0.25, 0.5, 1, 2, 4};
  private static final double EPSILON = Math.ulp(1f);
  private static final double TIMES_ROUNDING = 3;

  /** Where nothing can be said. */
  static final GradientSteps NONE =
      new GradientSteps(Double.NaN, Double.NaN, Double.NaN, Double.NaN, Look.UNKNOWN);

  /**
   * Steps from θ.
   *
   * @param loss L(θ)
   * @param gradient g, {@code [P]}
   * @param learningRate η; nothing is known where it is 0
   * @param curvature largest eigenvalue of H, which says what rounding does to a gradient
   */
  static GradientSteps measure(
      Objective objective,
      float[] theta,
      double loss,
      float[] gradient,
      double learningRate,
      double curvature) {
    if (learningRate == 0) {
      return NONE;
    }
    // Rounding in the passes acts as a relative change of the parameters by ε₃₂, as far as it goes.
    double rounding =
        EPSILON
            * (GradientClipping.norm(gradient)
                + Math.abs(curvature) * GradientClipping.norm(theta));
    double lossMin = Double.POSITIVE_INFINITY;
    double lossMax = Double.NEGATIVE_INFINITY;
    double changeMin = Double.POSITIVE_INFINITY;
    double changeMax = 0;
    Uncertain smoothness = Look.UNKNOWN;
    float[] moved = new float[theta.length];
    float[] there = new float[theta.length];
    for (double multiple : MULTIPLES) {
      for (int i = 0; i < theta.length; i++) {
        moved[i] = (float) (theta[i] - multiple * learningRate * gradient[i]);
      }
      double lossChange = objective.gradient(moved, there) - loss;
      double change = distance(there, gradient);
      lossMin = Math.min(lossMin, lossChange);
      lossMax = Math.max(lossMax, lossChange);
      changeMin = Math.min(changeMin, change);
      changeMax = Math.max(changeMax, change);
      double slope = change / distance(moved, theta);
      if (change >= TIMES_ROUNDING * rounding && !(slope <= smoothness.value())) {
        smoothness =
            Uncertain.of(
                slope,
                List.of(Contribution.known(Source.ROUNDING, slope * rounding / change)),
                Double.isFinite(slope));
      }
    }
    return new GradientSteps(lossMin, lossMax, changeMin, changeMax, smoothness);
  }

  /** ‖a − b‖. */
  static double distance(float[] a, float[] b) {
    double squares = 0;
    for (int i = 0; i < a.length; i++) {
      double difference = (double) a[i] - b[i];
      squares += difference * difference;
    }
    return Math.sqrt(squares);
  }
}
