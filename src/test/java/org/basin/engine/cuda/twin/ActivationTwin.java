package org.basin.engine.cuda.twin;

import org.hipparchus.special.Erf;
import org.jspecify.annotations.Nullable;

/**
 * {@code activation.cu} and {@code activation.cuh} in plain Java; formulas and shapes stand there.
 */
@SuppressWarnings("FloatingPointLiteralPrecision") // constants as in the kernels
public final class ActivationTwin {
  public static final int RELU = 0;
  public static final int TANH = 1;
  public static final int GELU = 2;
  public static final int IDENTITY = 3;

  private ActivationTwin() {}

  private static float normalDistribution(float z) {
    return 0.5f * (float) Erf.erfc(-0.70710678f * z);
  }

  private static float normalDensity(float z) {
    return 0.39894228f * (float) Math.exp(-0.5f * z * z);
  }

  /** φ(z). */
  public static float activation(int kind, float z) {
    return switch (kind) {
      case RELU -> z <= 0 ? 0 : z;
      case TANH -> (float) Math.tanh(z);
      case GELU -> z * normalDistribution(z);
      default -> z;
    };
  }

  /** φ'(z), from a = φ(z) where that is enough. */
  public static float slope(int kind, float a, float z) {
    return switch (kind) {
      case RELU -> a > 0 ? 1 : 0;
      case TANH -> 1 - a * a;
      case GELU -> normalDistribution(z) + z * normalDensity(z);
      default -> 1;
    };
  }

  /** φ''(z), from a = φ(z) where that is enough. */
  public static float bend(int kind, float a, float z) {
    return switch (kind) {
      case TANH -> -2 * a * (1 - a * a);
      case GELU -> 2 * normalDensity(z) - z * (z * normalDensity(z));
      default -> 0;
    };
  }

  /** a ← φ(a); z, where there is one, receives what a was. */
  public static void activate(
      float[] a,
      float @Nullable [] z,
      int kind,
      int replicas,
      int rows,
      int capacity,
      int width,
      int stride) {
    for (int r = 0; r < replicas; r++) {
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < width; j++) {
          int at = (r * capacity + i) * stride + j;
          if (z != null) {
            z[at] = a[at];
          }
          a[at] = activation(kind, a[at]);
        }
      }
    }
  }

  /** delta ← delta φ'. */
  public static void activateBackward(
      float[] delta,
      float[] a,
      float @Nullable [] z,
      int kind,
      int replicas,
      int rows,
      int capacity,
      int width,
      int stride) {
    for (int r = 0; r < replicas; r++) {
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < width; j++) {
          int at = (r * capacity + i) * stride + j;
          delta[at] *= slope(kind, a[at], z == null ? 0 : z[at]);
        }
      }
    }
  }
}
