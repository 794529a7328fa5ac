package org.basin.engine.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * exp over an array, vectorised: range reduction x = k log 2 + r with |r| ≤ ½ log 2 (Cody and Waite
 * 1980), a polynomial of degree 7 for exp r (Moshier's Cephes {@code expf}), and 2^k made from its
 * bits.
 *
 * <p>Relative error below 2e-7 for -87 ≤ x ≤ 88; smaller arguments give exp(-87) ≈ 1.6e-38, larger
 * ones exp(88) ≈ 1.7e38, NaN gives NaN.
 *
 * <p>The JIT does not vectorise a loop that reinterprets bits, and does one that computes them as
 * whole numbers: so the bits of 2^k go through an {@code int[]} whose bytes are copied to a {@code
 * float[]}.
 */
@SuppressWarnings("FloatingPointLiteralPrecision") // constants stand as published
final class Exponential {
  private static final float LOG2_E = 1.44269504f;
  // log 2 in two parts: the first has few digits, so that k times it is exact.
  private static final float LOG_2_HIGH = 0.693359375f;
  private static final float LOG_2_LOW = -2.12194440e-4f;
  // Adding and taking away 1.5 x 2^23 rounds to a whole number.
  private static final float ROUNDER = 12582912f;
  private static final int EXPONENT_BIAS = 127;
  private static final int MANTISSA_BITS = 23;

  private final int[] exponentBits;
  private final float[] powers;
  private final MemorySegment exponentBytes;
  private final MemorySegment powerBytes;

  /** Scratch for arrays of up to {@code capacity} elements. */
  Exponential(int capacity) {
    exponentBits = new int[capacity];
    powers = new float[capacity];
    exponentBytes = MemorySegment.ofArray(exponentBits);
    powerBytes = MemorySegment.ofArray(powers);
  }

  /** x_i ← exp x_i for the first {@code n} elements. */
  void apply(float[] x, int n) {
    polynomial(x, exponentBits, n);
    MemorySegment.copy(
        exponentBytes, ValueLayout.JAVA_INT, 0, powerBytes, ValueLayout.JAVA_INT, 0, n);
    multiply(x, powers, n);
  }

  /** x ← exp r, bits ← those of 2^k. */
  private static void polynomial(float[] x, int[] bits, int n) {
    for (int i = 0; i < n; i++) {
      float v = Math.min(88f, Math.max(-87f, x[i]));
      float k = (v * LOG2_E + ROUNDER) - ROUNDER;
      float r = v - k * LOG_2_HIGH - k * LOG_2_LOW;
      float p = 1.9875691500e-4f;
      p = p * r + 1.3981999507e-3f;
      p = p * r + 8.3334519073e-3f;
      p = p * r + 4.1665795894e-2f;
      p = p * r + 1.6666665459e-1f;
      p = p * r + 5.0000001201e-1f;
      x[i] = p * r * r + r + 1f;
      bits[i] = ((int) k + EXPONENT_BIAS) << MANTISSA_BITS;
    }
  }

  private static void multiply(float[] x, float[] powers, int n) {
    for (int i = 0; i < n; i++) {
      x[i] *= powers[i];
    }
  }
}
