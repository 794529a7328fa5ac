package org.basin.engine.cpu;

/** Element by element over a block of rows at {@code at}, with arrays that all vectors share. */
final class TangentKernels {
  private TangentKernels() {}

  /** x[at + i] ← x[at + i] slope[i]. */
  static void multiply(float[] x, int at, float[] slope, int n) {
    for (int i = 0; i < n; i++) {
      x[at + i] *= slope[i];
    }
  }

  /** out[at + i] ← x[at + i] slope[i]. */
  static void product(float[] out, float[] x, int at, float[] slope, int n) {
    for (int i = 0; i < n; i++) {
      out[at + i] = x[at + i] * slope[i];
    }
  }

  /** x[at + i] ← x[at + i] slope[i] + y[at + i] bend[i]. */
  static void multiplyAndAdd(float[] x, float[] y, int at, float[] slope, float[] bend, int n) {
    for (int i = 0; i < n; i++) {
      x[at + i] = x[at + i] * slope[i] + y[at + i] * bend[i];
    }
  }

  /** total[i] += part[i], single into double precision. */
  static void accumulate(double[] total, float[] part, int n) {
    for (int i = 0; i < n; i++) {
      total[i] += part[i];
    }
  }
}
