package org.basin.landscape.stationarity;

import java.util.List;
import java.util.SplittableRandom;
import org.basin.landscape.BatchGradients;
import org.basin.train.Objective;
import org.jspecify.annotations.Nullable;

/**
 * One run of gradient descent at a constant step.
 *
 * @param averages of ‖∇f(θ_k)‖² over k below each K
 * @param smallest of them
 * @param tail average over the last half of all steps
 */
record Course(double[] averages, double[] smallest, double tail) {

  /** Sees the points of a run at which to look. */
  @FunctionalInterface
  interface Look {
    /**
     * Sees one.
     *
     * @return whether to go on
     */
    boolean at(float[] theta, float[] gradient);
  }

  /**
   * Runs θ ← θ − η g, with g the gradient of a batch drawn with replacement, and looks at θ_0, at
   * θ_k with k a power of four, and at the last.
   *
   * @param start θ_0, {@code [P]}, only read
   * @param batch B; 0 for all examples, without noise
   * @param steps K, ascending
   * @return null when a look ended the run, or a gradient is not finite
   */
  static @Nullable Course run(
      Objective objective,
      BatchGradients gradients,
      float[] start,
      int batch,
      double stepSize,
      List<Integer> steps,
      SplittableRandom random,
      Look look)
      throws InterruptedException {
    int last = steps.getLast();
    float[] theta = start.clone();
    float[] gradient = new float[theta.length];
    float[] direction = batch == 0 ? gradient : new float[theta.length];
    double[] averages = new double[steps.size()];
    double[] smallest = new double[steps.size()];
    double sum = 0;
    double least = Double.POSITIVE_INFINITY;
    double half = 0;
    int at = 0;
    for (int step = 0; ; step++) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      objective.gradient(theta, gradient);
      double square = 0;
      for (float each : gradient) {
        square += (double) each * each;
      }
      if (!Double.isFinite(square) || (isLook(step, last) && !look.at(theta, gradient))) {
        return null;
      }
      if (step == last) {
        return new Course(averages, smallest, (sum - half) / (last - last / 2));
      }
      sum += square;
      least = Math.min(least, square);
      if (step < last / 2) {
        half = sum;
      }
      if (step + 1 == steps.get(at)) {
        averages[at] = sum / steps.get(at);
        smallest[at] = least;
        at++;
      }
      if (batch > 0) {
        gradients.of(theta, gradients.draw(batch, random), direction);
      }
      for (int i = 0; i < theta.length; i++) {
        theta[i] = (float) (theta[i] - stepSize * direction[i]);
      }
    }
  }

  private static boolean isLook(int step, int last) {
    boolean powerOfFour =
        Integer.bitCount(step) == 1 && Integer.numberOfTrailingZeros(step) % 2 == 0;
    return step == 0 || step == last || powerOfFour;
  }
}
