package org.basin.engine.cpu;

import java.util.Arrays;
import org.basin.train.LossFunction;

/**
 * The mean loss over all examples of an objective, with its first and second derivative by the
 * outputs, for one chunk of them: arrays stand class by class, {@code [classes, rows]}, so that
 * every loop runs over the rows.
 *
 * <p>Sums over classes and examples are accumulated in double precision; an exponential is off by
 * 2e-7 of itself, so a small loss keeps its digits.
 */
final class ObjectiveLoss {
  private final LossFunction loss;
  private final int classes;
  private final double on; // target of an example's own class
  private final double off; // and of the others
  private final double examples;
  private final Exponential exponential;
  private final float[] largest;
  private final double[] sum;
  private final float[] scale;
  private final float[] dot;

  /**
   * Kernels for one objective.
   *
   * @param smoothing ε of the targets y(1-ε) + ε/K
   * @param examples all of the objective's
   * @param rows largest chunk
   */
  ObjectiveLoss(LossFunction loss, int classes, double smoothing, int examples, int rows) {
    this.loss = loss;
    this.classes = classes;
    this.examples = examples;
    off = smoothing / classes;
    on = 1 - smoothing + smoothing / classes;
    exponential = new Exponential(loss == LossFunction.CROSS_ENTROPY ? classes * rows : 0);
    largest = new float[rows];
    sum = new double[rows];
    scale = new float[rows];
    dot = new float[rows];
  }

  /**
   * Sum of the examples' losses.
   *
   * @param f logits, {@code [classes, rows]}; for cross-entropy exp(f - largest) afterwards, whose
   *     sums {@link #derivative} uses
   * @param labels label of row i at {@code from + i}
   */
  double value(float[] f, int[] labels, int from, int rows) {
    return switch (loss) {
      case CROSS_ENTROPY -> crossEntropy(f, labels, from, rows);
      case MSE -> squaredError(f, labels, from, rows);
    };
  }

  private double crossEntropy(float[] f, int[] labels, int from, int rows) {
    System.arraycopy(f, 0, largest, 0, rows);
    for (int k = 1; k < classes; k++) {
      maximum(largest, f, k * rows, rows);
    }
    for (int k = 0; k < classes; k++) {
      subtract(f, k * rows, largest, rows);
    }
    // Σ_k y_k (f_k - largest), before the exponentials take the place of f
    double hits = 0;
    for (int i = 0; i < rows; i++) {
      hits += (on - off) * f[labels[from + i] * rows + i];
    }
    for (int i = 0; i < classes * rows && off > 0; i++) {
      hits += off * f[i];
    }
    exponential.apply(f, classes * rows);
    Arrays.fill(sum, 0, rows, 0);
    for (int k = 0; k < classes; k++) {
      add(sum, f, k * rows, rows);
    }
    double total = 0;
    for (int i = 0; i < rows; i++) {
      total += Math.log(sum[i]);
    }
    return total - hits;
  }

  private double squaredError(float[] f, int[] labels, int from, int rows) {
    double total = 0;
    for (int i = 0; i < classes * rows; i++) {
      double difference = f[i] - off;
      total += difference * difference;
    }
    for (int i = 0; i < rows; i++) {
      double own = f[labels[from + i] * rows + i];
      total += (own - on) * (own - on) - (own - off) * (own - off);
    }
    return total / classes;
  }

  /**
   * Derivative of the mean loss by the outputs, after {@link #value}: (p - y)/n for cross-entropy,
   * 2 (f - y)/(K n) for MSE.
   *
   * @param f what {@link #value} left, {@code [classes, rows]}; the softmax p afterwards where the
   *     loss is cross-entropy
   * @param delta receives the derivative, {@code [classes, rows]}
   */
  void derivative(float[] f, float[] delta, int[] labels, int from, int rows) {
    switch (loss) {
      case CROSS_ENTROPY -> {
        invert(sum, scale, rows);
        for (int k = 0; k < classes; k++) {
          TangentKernels.multiply(f, k * rows, scale, rows);
        }
        scaledDifference(delta, f, (float) off, (float) (1 / examples), classes * rows);
        // The derivatives of an example sum to 0: so found, that of its own class keeps its digits
        // where p is close to 1.
        for (int i = 0; i < rows; i++) {
          delta[labels[from + i] * rows + i] = 0f;
        }
        Arrays.fill(dot, 0, rows, 0f);
        for (int k = 0; k < classes; k++) {
          subtractFrom(dot, delta, k * rows, rows);
        }
        for (int i = 0; i < rows; i++) {
          delta[labels[from + i] * rows + i] = dot[i];
        }
      }
      case MSE -> {
        double share = 2 / (classes * examples);
        scaledDifference(delta, f, (float) off, (float) share, classes * rows);
        float correction = (float) ((on - off) * share);
        for (int i = 0; i < rows; i++) {
          delta[labels[from + i] * rows + i] -= correction;
        }
      }
    }
  }

  /**
   * The mean loss's Hessian by the outputs times a tangent, in place: p ⊙ (t - pᵀt)/n for
   * cross-entropy, 2 t/(K n) for MSE.
   *
   * @param p the softmax that {@link #derivative} left, {@code [classes, rows]}
   * @param t tangent of class k at {@code at + k stride}, {@code rows} values
   * @param labels label of row i at {@code from + i}
   */
  void hessianProduct(float[] p, float[] t, int at, int stride, int[] labels, int from, int rows) {
    if (loss == LossFunction.MSE) {
      float share = (float) (2 / (classes * examples));
      for (int k = 0; k < classes; k++) {
        scale(t, at + k * stride, share, rows);
      }
      return;
    }
    // The same for t + constant: with the own class's taken away, t - pᵀt keeps its digits where p
    // is close to 1.
    for (int i = 0; i < rows; i++) {
      scale[i] = t[at + labels[from + i] * stride + i];
    }
    for (int k = 0; k < classes; k++) {
      subtract(t, at + k * stride, scale, rows);
    }
    Arrays.fill(dot, 0, rows, 0f);
    for (int k = 0; k < classes; k++) {
      addProduct(dot, p, k * rows, t, at + k * stride, rows);
    }
    float share = (float) (1 / examples);
    for (int k = 0; k < classes; k++) {
      centered(t, at + k * stride, p, k * rows, dot, share, rows);
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

  private static void subtractFrom(float[] a, float[] f, int offset, int n) {
    for (int i = 0; i < n; i++) {
      a[i] -= f[offset + i];
    }
  }

  private static void add(double[] a, float[] f, int offset, int n) {
    for (int i = 0; i < n; i++) {
      a[i] += f[offset + i];
    }
  }

  private static void invert(double[] a, float[] inverse, int n) {
    for (int i = 0; i < n; i++) {
      inverse[i] = (float) (1 / a[i]);
    }
  }

  private static void scaledDifference(float[] delta, float[] f, float target, float share, int n) {
    for (int i = 0; i < n; i++) {
      delta[i] = (f[i] - target) * share;
    }
  }

  private static void scale(float[] t, int at, float share, int n) {
    for (int i = 0; i < n; i++) {
      t[at + i] *= share;
    }
  }

  private static void addProduct(float[] dot, float[] p, int row, float[] t, int at, int n) {
    for (int i = 0; i < n; i++) {
      dot[i] += p[row + i] * t[at + i];
    }
  }

  private static void centered(
      float[] t, int at, float[] p, int row, float[] dot, float share, int n) {
    for (int i = 0; i < n; i++) {
      t[at + i] = share * p[row + i] * (t[at + i] - dot[i]);
    }
  }
}
