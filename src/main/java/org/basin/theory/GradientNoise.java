package org.basin.theory;

import java.util.SplittableRandom;

/** A gradient as an optimiser sees it: right on average. */
public interface GradientNoise {

  /**
   * ∇f(x) + ξ with E ξ = 0.
   *
   * @param x {@code [d]}, only read
   * @param random decides ξ
   * @param gradient {@code [d]}, overwritten
   */
  void sample(double[] x, SplittableRandom random, double[] gradient);

  /** ∇f itself. */
  static GradientNoise none(Function function) {
    return (x, random, gradient) -> function.gradient(x, gradient);
  }

  /**
   * Every coordinate of ξ is N(0, σ²), so that E ‖ξ‖² = d σ².
   *
   * @param sigma σ
   */
  static GradientNoise isotropic(Function function, double sigma) {
    return (x, random, gradient) -> {
      function.gradient(x, gradient);
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] += sigma * random.nextGaussian();
      }
    };
  }

  /**
   * The mean gradient of terms drawn with replacement, so that its variance is 1/size of one
   * term's.
   *
   * @param size B, at least 1
   */
  static GradientNoise miniBatch(FiniteSum function, int size) {
    int[] batch = new int[size];
    return (x, random, gradient) -> {
      for (int i = 0; i < batch.length; i++) {
        batch[i] = random.nextInt(function.terms());
      }
      function.batchGradient(x, batch, gradient);
    };
  }
}
