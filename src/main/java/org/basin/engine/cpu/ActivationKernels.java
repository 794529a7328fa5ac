package org.basin.engine.cpu;

import java.util.Arrays;
import org.basin.model.Activation;

/**
 * Activations over whole arrays: forward in place, backward through the outputs, or the inputs
 * where they are needed.
 *
 * <p>Absolute errors: tanh below 3e-7; Φ below 3e-7 (erf after Abramowitz and Stegun 1964, 7.1.26,
 * whose own bound is 1.5e-7).
 */
@SuppressWarnings("FloatingPointLiteralPrecision") // constants stand as published
final class ActivationKernels {
  private static final float INVERSE_ROOT_2_PI = 0.39894228f;

  private final Activation activation;
  private final Exponential exponential;
  private final float[] scratch;

  /** Kernels for arrays of up to {@code capacity} elements. */
  ActivationKernels(Activation activation, int capacity) {
    this.activation = activation;
    boolean transcendental = activation == Activation.TANH || activation == Activation.GELU;
    exponential = new Exponential(transcendental ? capacity : 0);
    scratch = new float[transcendental ? capacity : 0];
  }

  /** Whether going back needs the inputs beside the outputs. */
  static boolean needsInputs(Activation activation) {
    return activation == Activation.GELU;
  }

  /**
   * a ← φ(a) for the first {@code n} elements.
   *
   * @param inputs receives what {@code a} was, where {@link #needsInputs}
   */
  void forward(float[] a, float[] inputs, int n) {
    switch (activation) {
      case RELU -> relu(a, n);
      case TANH -> {
        twice(a, scratch, n);
        exponential.apply(scratch, n);
        tanh(a, scratch, n);
      }
      case GELU -> {
        System.arraycopy(a, 0, inputs, 0, n);
        minusHalfSquare(a, scratch, n);
        exponential.apply(scratch, n);
        gelu(a, scratch, n);
      }
      case IDENTITY -> {}
    }
  }

  /**
   * delta ← delta φ'(.) for the first {@code n} elements.
   *
   * @param a outputs of the forward pass
   * @param inputs its inputs, where {@link #needsInputs}
   */
  void backward(float[] delta, float[] a, float[] inputs, int n) {
    switch (activation) {
      case RELU -> reluBackward(delta, a, n);
      case TANH -> tanhBackward(delta, a, n);
      case GELU -> {
        minusHalfSquare(inputs, scratch, n);
        exponential.apply(scratch, n);
        geluBackward(delta, inputs, scratch, n);
      }
      case IDENTITY -> {}
    }
  }

  /** Whether the second derivative is not 0 everywhere. */
  static boolean bends(Activation activation) {
    return activation == Activation.TANH || activation == Activation.GELU;
  }

  /**
   * a ← φ(a), with both derivatives, for the first {@code n} elements. φ'' is -2 φ (1 - φ²) for
   * tanh, (2 - z²) times the normal density for GELU; absolute errors below 1e-6.
   *
   * @param inputs receives what {@code a} was, where {@link #needsInputs}
   * @param slope receives φ'
   * @param bend receives φ'', where the activation {@link #bends}
   */
  void linearize(float[] a, float[] inputs, float[] slope, float[] bend, int n) {
    forward(a, inputs, n);
    switch (activation) {
      case RELU -> sign(slope, a, n);
      case TANH -> tanhDerivatives(slope, bend, a, n);
      case GELU -> {
        minusHalfSquare(inputs, scratch, n);
        exponential.apply(scratch, n);
        Arrays.fill(slope, 0, n, 1f);
        geluBackward(slope, inputs, scratch, n);
        geluBend(bend, inputs, scratch, n);
      }
      case IDENTITY -> Arrays.fill(slope, 0, n, 1f);
    }
  }

  /** 1 where ReLU's output is above 0, else 0. */
  private static void sign(float[] slope, float[] a, int n) {
    for (int i = 0; i < n; i++) {
      slope[i] = Math.signum(a[i]);
    }
  }

  private static void tanhDerivatives(float[] slope, float[] bend, float[] a, int n) {
    for (int i = 0; i < n; i++) {
      float derivative = 1f - a[i] * a[i];
      slope[i] = derivative;
      bend[i] = -2f * a[i] * derivative;
    }
  }

  private static void geluBend(float[] bend, float[] z, float[] exponentials, int n) {
    for (int i = 0; i < n; i++) {
      bend[i] = (2f - z[i] * z[i]) * INVERSE_ROOT_2_PI * exponentials[i];
    }
  }

  private static void relu(float[] a, int n) {
    for (int i = 0; i < n; i++) {
      a[i] = Math.max(0f, a[i]);
    }
  }

  /** a is 0 or positive, so its sign is the slope; a condition would not be vectorised. */
  private static void reluBackward(float[] delta, float[] a, int n) {
    for (int i = 0; i < n; i++) {
      delta[i] *= Math.signum(a[i]);
    }
  }

  private static void twice(float[] a, float[] out, int n) {
    for (int i = 0; i < n; i++) {
      out[i] = 2f * a[i];
    }
  }

  /** tanh x = 1 - 2 / (exp 2x + 1). */
  private static void tanh(float[] a, float[] exponentials, int n) {
    for (int i = 0; i < n; i++) {
      a[i] = 1f - 2f / (exponentials[i] + 1f);
    }
  }

  private static void tanhBackward(float[] delta, float[] a, int n) {
    for (int i = 0; i < n; i++) {
      delta[i] *= 1f - a[i] * a[i];
    }
  }

  private static void minusHalfSquare(float[] z, float[] out, int n) {
    for (int i = 0; i < n; i++) {
      out[i] = -0.5f * z[i] * z[i];
    }
  }

  /** z ← z Φ(z) = max(0, z) - |z| Φ(-|z|), given exp(-z²/2). */
  private static void gelu(float[] z, float[] exponentials, int n) {
    for (int i = 0; i < n; i++) {
      z[i] = Math.max(0f, z[i]) - Math.abs(z[i]) * tail(z[i], exponentials[i]);
    }
  }

  /** delta ← delta (Φ(z) + z φ(z)), given exp(-z²/2). */
  private static void geluBackward(float[] delta, float[] z, float[] exponentials, int n) {
    for (int i = 0; i < n; i++) {
      // Φ(z) from its tail by the sign: a condition would not be vectorised.
      float distribution = 0.5f + Math.signum(z[i]) * (0.5f - tail(z[i], exponentials[i]));
      delta[i] *= distribution + z[i] * INVERSE_ROOT_2_PI * exponentials[i];
    }
  }

  /** Φ(-|z|) = ½ erfc(|z|/√2), given exp(-z²/2). */
  private static float tail(float z, float exponential) {
    float t = 1f / (1f + 0.3275911f * 0.70710678f * Math.abs(z));
    float p = 1.061405429f;
    p = p * t - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    return 0.5f * p * t * exponential;
  }
}
