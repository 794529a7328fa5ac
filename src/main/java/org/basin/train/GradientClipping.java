package org.basin.train;

import org.jspecify.annotations.Nullable;

/**
 * Clips the mean gradient of a batch before the optimiser sees it.
 *
 * <pre>
 * elementwise:  g_i ← max(-e, min(e, g_i))
 * global norm:  g ← g min(1, c / ‖g‖₂), over all parameters together (Pascanu et al. 2013)
 * </pre>
 *
 * With both, elementwise comes first, so that both bounds hold afterwards.
 *
 * @param options the bounds
 */
public record GradientClipping(ClippingOptions options) {

  /** Whether there is anything to clip. */
  public boolean active() {
    return options.globalNorm() != null || options.elementwise() != null;
  }

  /** Clips {@code gradient} in place. */
  public void clip(float[] gradient) {
    clip(gradient, options.globalNorm() == null ? Double.NaN : norm(gradient));
  }

  /**
   * Clips {@code gradient} in place.
   *
   * @param norm of {@code gradient} as it comes, when the caller knows it
   */
  public void clip(float[] gradient, double norm) {
    @Nullable Double bound = options.elementwise();
    if (bound != null) {
      float limit = bound.floatValue();
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] = Math.max(-limit, Math.min(limit, gradient[i]));
      }
    }
    @Nullable Double largest = options.globalNorm();
    if (largest != null) {
      double now = bound == null ? norm : norm(gradient);
      if (now > largest) {
        float scale = (float) (largest / now);
        for (int i = 0; i < gradient.length; i++) {
          gradient[i] *= scale;
        }
      }
    }
  }

  /** Clips {@code gradient} in place, in double precision. */
  public void clip(double[] gradient) {
    @Nullable Double bound = options.elementwise();
    if (bound != null) {
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] = Math.max(-bound, Math.min(bound, gradient[i]));
      }
    }
    @Nullable Double largest = options.globalNorm();
    if (largest != null) {
      double squares = 0;
      for (double value : gradient) {
        squares += value * value;
      }
      double scale = Math.min(1, largest / Math.sqrt(squares));
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] *= scale;
      }
    }
  }

  /** Euclidean norm of {@code vector}, such as a gradient, accumulated in double precision. */
  public static double norm(float[] vector) {
    double sum = 0;
    for (float value : vector) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }
}
