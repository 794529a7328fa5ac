package org.basin.engine.cpu;

import org.basin.train.LossFunction;

/**
 * The derivative of the mean loss with respect to the outputs, on outputs stored class by class,
 * {@code [classes, batch]}: so every loop runs over the batch, which is long, and not over the few
 * classes.
 */
final class LossKernels {
  private final LossFunction loss;
  private final int classes;
  private final float off;
  private final float on;
  private final Exponential exponential;
  private final float[] largest;
  private final float[] sum;

  /**
   * Kernels for one network.
   *
   * @param smoothing ε of the targets y(1-ε) + ε/K
   * @param capacity largest batch
   */
  LossKernels(LossFunction loss, int classes, double smoothing, int capacity) {
    this.loss = loss;
    this.classes = classes;
    off = (float) (smoothing / classes);
    on = (float) (1 - smoothing + smoothing / classes);
    exponential = new Exponential(loss == LossFunction.CROSS_ENTROPY ? classes * capacity : 0);
    largest = new float[capacity];
    sum = new float[capacity];
  }

  /**
   * Turns logits into their derivatives: (softmax(f) - y)/batch for cross-entropy, 2 (f - y)/(K
   * batch) for MSE.
   *
   * @param f {@code [classes, batch]}
   * @param labels {@code [batch]}
   */
  void derivative(float[] f, int[] labels, int batch) {
    float scale =
        switch (loss) {
          case CROSS_ENTROPY -> 1f / batch;
          case MSE -> 2f / ((float) classes * batch);
        };
    if (loss == LossFunction.CROSS_ENTROPY) {
      softmax(f, batch);
    }
    scaledDifference(f, off, scale, classes * batch);
    float correction = (on - off) * scale;
    for (int i = 0; i < batch; i++) {
      f[labels[i] * batch + i] -= correction;
    }
  }

  /** f ← softmax over the classes, the largest logit taken away first. */
  private void softmax(float[] f, int batch) {
    System.arraycopy(f, 0, largest, 0, batch);
    for (int k = 1; k < classes; k++) {
      maximum(largest, f, k * batch, batch);
    }
    for (int k = 0; k < classes; k++) {
      subtract(f, k * batch, largest, batch);
    }
    exponential.apply(f, classes * batch);
    System.arraycopy(f, 0, sum, 0, batch);
    for (int k = 1; k < classes; k++) {
      add(sum, f, k * batch, batch);
    }
    invert(sum, batch);
    for (int k = 0; k < classes; k++) {
      multiply(f, k * batch, sum, batch);
    }
  }

  private static void maximum(float[] a, float[] f, int offset, int n) {
    for (int i = 0; i < n; i++) {
      a[i] = Math.max(a[i], f[offset + i]);
    }
  }

  private static void subtract(float[] f, int offset, float[] a, int n) {
    for (int i = 0; i < n; i++) {
      f[offset + i] -= a[i];
    }
  }

  private static void add(float[] a, float[] f, int offset, int n) {
    for (int i = 0; i < n; i++) {
      a[i] += f[offset + i];
    }
  }

  private static void multiply(float[] f, int offset, float[] a, int n) {
    for (int i = 0; i < n; i++) {
      f[offset + i] *= a[i];
    }
  }

  private static void invert(float[] a, int n) {
    for (int i = 0; i < n; i++) {
      a[i] = 1f / a[i];
    }
  }

  private static void scaledDifference(float[] f, float target, float scale, int n) {
    for (int i = 0; i < n; i++) {
      f[i] = (f[i] - target) * scale;
    }
  }
}
