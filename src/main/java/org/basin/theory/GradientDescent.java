package org.basin.theory;

import java.util.SplittableRandom;

/** x ← x − η (∇f(x) + ξ): gradient descent without noise, stochastic gradient descent with it. */
public final class GradientDescent implements StepRule {
  private final GradientNoise gradient;
  private final double stepSize;
  private final SplittableRandom random;
  private final double[] direction;

  /**
   * A run.
   *
   * @param dimension d
   * @param stepSize η
   * @param random decides the noise
   */
  public GradientDescent(
      int dimension, GradientNoise gradient, double stepSize, SplittableRandom random) {
    this.gradient = gradient;
    this.stepSize = stepSize;
    this.random = random;
    this.direction = new double[dimension];
  }

  /** A run that sees ∇f itself. */
  public static GradientDescent exact(Function function, double stepSize) {
    return new GradientDescent(
        function.dimension(), GradientNoise.none(function), stepSize, new SplittableRandom(0));
  }

  @Override
  public boolean step(double[] x) {
    gradient.sample(x, random, direction);
    for (int i = 0; i < x.length; i++) {
      x[i] -= stepSize * direction[i];
    }
    return true;
  }
}
