package org.basin.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.basin.model.Activation;
import org.basin.train.LossFunction;
import org.hipparchus.special.Erf;
import org.junit.jupiter.api.Test;

/** The approximations, against double precision, within the errors that they state. */
class KernelsTest {
  private static final int N = 40_001;

  /** N points from -range to range. */
  private static float[] points(double range) {
    float[] x = new float[N];
    for (int i = 0; i < N; i++) {
      x[i] = (float) (range * (2.0 * i / (N - 1) - 1));
    }
    return x;
  }

  @Test
  void exponential() {
    float[] x = points(87);
    float[] y = x.clone();
    new Exponential(N).apply(y, N);
    double worst = 0;
    for (int i = 0; i < N; i++) {
      worst = Math.max(worst, Math.abs(y[i] / Math.exp(x[i]) - 1));
    }
    assertTrue(worst < 2e-7, "relative error " + worst);
  }

  @Test
  void exponentialAtItsEnds() {
    float[] x = {-1000, Float.NEGATIVE_INFINITY, 1000, Float.POSITIVE_INFINITY, Float.NaN, 0};
    new Exponential(x.length).apply(x, x.length);
    assertEquals(Math.exp(-87), x[0], 1e-44);
    assertEquals(Math.exp(-87), x[1], 1e-44);
    assertEquals(Math.exp(88), x[2], 1e32);
    assertEquals(Math.exp(88), x[3], 1e32);
    assertTrue(Float.isNaN(x[4]));
    assertEquals(1f, x[5], 0);
  }

  @Test
  void tanhAndItsSlope() {
    float[] x = points(12);
    float[] y = x.clone();
    float[] slope = ones();
    ActivationKernels kernels = new ActivationKernels(Activation.TANH, N);
    kernels.forward(y, new float[0], N);
    kernels.backward(slope, y, new float[0], N);
    for (int i = 0; i < N; i++) {
      double tanh = Math.tanh(x[i]);
      assertEquals(tanh, y[i], 3e-7);
      assertEquals(1 - tanh * tanh, slope[i], 7e-7);
    }
  }

  @Test
  void geluAndItsSlope() {
    float[] x = points(12);
    float[] y = x.clone();
    float[] inputs = new float[N];
    float[] slope = ones();
    ActivationKernels kernels = new ActivationKernels(Activation.GELU, N);
    kernels.forward(y, inputs, N);
    kernels.backward(slope, y, inputs, N);
    for (int i = 0; i < N; i++) {
      double distribution = 0.5 * Erf.erfc(-x[i] / Math.sqrt(2));
      double density = Math.exp(-0.5 * x[i] * (double) x[i]) / Math.sqrt(2 * Math.PI);
      assertEquals(x[i] * distribution, y[i], 3e-7 * (1 + Math.abs(x[i])));
      assertEquals(distribution + x[i] * density, slope[i], 6e-7);
    }
  }

  @Test
  void reluAndItsSlope() {
    float[] x = points(3);
    float[] y = x.clone();
    float[] slope = ones();
    ActivationKernels kernels = new ActivationKernels(Activation.RELU, N);
    kernels.forward(y, new float[0], N);
    kernels.backward(slope, y, new float[0], N);
    for (int i = 0; i < N; i++) {
      assertEquals(Math.max(0, x[i]), y[i], 0);
      assertEquals(x[i] > 0 ? 1 : 0, slope[i], 0);
    }
  }

  private static float[] ones() {
    float[] ones = new float[N];
    Arrays.fill(ones, 1f);
    return ones;
  }

  @Test
  void softmaxOfHugeLogitsIsExact() {
    // Two examples, three classes, class by class.
    float[] f = {1000, -1000, 0, -1000, 0, 1000};
    new LossKernels(LossFunction.CROSS_ENTROPY, 3, 0, 2).derivative(f, new int[] {0, 1}, 2);
    float[] expected = {0, 0, 0, -0.5f, 0, 0.5f};
    for (int i = 0; i < 6; i++) {
      assertEquals(expected[i], f[i], 1e-7);
    }
  }
}
