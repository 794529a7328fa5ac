package org.basin.landscape.saddle;

import java.util.SplittableRandom;
import org.basin.landscape.BatchGradients;
import org.basin.train.GradientClipping;
import org.basin.train.Objective;

/**
 * The norm below which a float32 gradient cannot be told from 0.
 *
 * <p>A critical point is hardly ever a vector of floats: the nearest such vector is off by up to
 * half a unit in the last place of every parameter, and the passes round as much again. So the
 * first part of the floor is how far the gradient moves when every parameter moves by one unit in
 * its last place, up or down at random. That says too little where many parameters are about 0: the
 * passes round every example's gradient to about 2⁻²⁴ of it as well, and where a network hardly
 * tells its examples apart, all alike, so that the mean does not help.
 *
 * <pre>
 * √(mean of ‖∇f(θ ± ulp(θ)) − ∇f(θ)‖²) + 2⁻²⁴ √(mean of ‖∇l_i(θ)‖²)
 * </pre>
 */
final class GradientFloor {
  private static final int DRAWS = 4;

  /** Enough for the size of a gradient. */
  private static final int MOST_EXAMPLES = 64;

  private static final double ROUNDOFF = Math.ulp(1f) / 2;

  private GradientFloor() {}

  /**
   * Measures.
   *
   * @param gradient ∇f(θ), {@code [P]}
   */
  static double measure(
      Objective objective,
      BatchGradients gradients,
      float[] theta,
      float[] gradient,
      SplittableRandom random) {
    float[] moved = new float[theta.length];
    float[] there = new float[theta.length];
    double squares = 0;
    for (int draw = 0; draw < DRAWS; draw++) {
      for (int i = 0; i < theta.length; i++) {
        moved[i] = random.nextBoolean() ? Math.nextUp(theta[i]) : Math.nextDown(theta[i]);
      }
      objective.gradient(moved, there);
      for (int i = 0; i < theta.length; i++) {
        double difference = (double) there[i] - gradient[i];
        squares += difference * difference;
      }
    }
    int[] some = gradients.sample(MOST_EXAMPLES, random);
    double[] sum = {0};
    gradients.forEach(
        theta,
        some,
        one -> {
          double norm = GradientClipping.norm(one);
          sum[0] += norm * norm;
        });
    return Math.sqrt(squares / DRAWS) + ROUNDOFF * Math.sqrt(sum[0] / some.length);
  }
}
