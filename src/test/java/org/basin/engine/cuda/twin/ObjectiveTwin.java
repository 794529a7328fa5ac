package org.basin.engine.cuda.twin;

import org.jspecify.annotations.Nullable;

/** {@code objective.cu} in plain Java; formulas and shapes stand there. */
public final class ObjectiveTwin {
  private static final int LOSS_THREADS = 128;
  private static final int SUM_THREADS = 256;

  private ObjectiveTwin() {}

  /**
   * The arrays' shapes, and the loss.
   *
   * @param count points, or vectors; i is of network i % networks
   * @param examples labels from a network to the next
   * @param on target of an example's own class
   * @param off target of the others
   * @param share 1/n, or 2/(K n) for MSE
   */
  public record Shape(
      int count,
      int networks,
      int examples,
      int kind,
      double on,
      double off,
      double share,
      int rows,
      int capacity,
      int classes,
      int stride) {
    /** Blocks that the examples of a point are in. */
    public int blocks() {
      return Math.ceilDiv(rows, LOSS_THREADS);
    }

    private int label(int[] labels, int item, int i) {
      return labels[item % networks * examples + i];
    }

    private double target(int k, int label) {
      return k == label ? on : off;
    }
  }

  /** parts ← sums of the blocks' losses; delta, the derivative, and f, softmax, where asked for. */
  public static void objectiveLoss(
      Shape shape, float[] f, float @Nullable [] delta, int[] labels, double[] parts) {
    for (int r = 0; r < shape.count; r++) {
      for (int block = 0; block < shape.blocks(); block++) {
        double[] losses = new double[LOSS_THREADS];
        int end = Math.min(shape.rows, (block + 1) * LOSS_THREADS);
        for (int i = block * LOSS_THREADS; i < end; i++) {
          int row = (r * shape.capacity + i) * shape.stride;
          int label = shape.label(labels, r, i);
          losses[i % LOSS_THREADS] =
              shape.kind == LossTwin.CROSS_ENTROPY
                  ? crossEntropy(shape, f, delta, row, label)
                  : squaredError(shape, f, delta, row, label);
        }
        parts[r * shape.blocks() + block] = Tree.sum(losses);
      }
    }
  }

  private static double crossEntropy(
      Shape shape, float[] f, float @Nullable [] delta, int row, int label) {
    float largest = f[row];
    for (int k = 1; k < shape.classes; k++) {
      largest = f[row + k] > largest ? f[row + k] : largest;
    }
    double sum = 0;
    double hits = 0;
    for (int k = 0; k < shape.classes; k++) {
      float below = f[row + k] - largest;
      double target = shape.target(k, label);
      hits += target == 0 ? 0 : target * below;
      float e = (float) Math.exp(below);
      sum += e;
      if (delta != null) {
        f[row + k] = e;
      }
    }
    if (delta != null) {
      float inverse = (float) (1 / sum);
      float others = 0;
      for (int k = 0; k < shape.classes; k++) {
        f[row + k] *= inverse;
        delta[row + k] = (f[row + k] - (float) shape.off) * (float) shape.share;
        others += k == label ? 0 : delta[row + k];
      }
      delta[row + label] = -others;
    }
    return Math.log(sum) - hits;
  }

  private static double squaredError(
      Shape shape, float[] f, float @Nullable [] delta, int row, int label) {
    double squares = 0;
    for (int k = 0; k < shape.classes; k++) {
      double difference = f[row + k] - shape.target(k, label);
      squares += difference * difference;
      if (delta != null) {
        delta[row + k] = (float) (difference * shape.share);
      }
    }
    return squares / shape.classes;
  }

  /** sums[r] ← Σ parts[r], or += that. */
  public static void objectiveSum(double[] parts, double[] sums, int count, boolean add) {
    for (int r = 0; r < sums.length; r++) {
      double[] ofThreads = new double[SUM_THREADS];
      for (int i = 0; i < count; i++) {
        ofThreads[i % SUM_THREADS] += parts[r * count + i];
      }
      sums[r] = (add ? sums[r] : 0) + Tree.sum(ofThreads);
    }
  }

  /** t ← the mean loss's Hessian by the outputs, times t. */
  public static void objectiveCurvature(Shape shape, float[] t, float[] p, int[] labels) {
    float scale = (float) shape.share;
    for (int v = 0; v < shape.count; v++) {
      for (int i = 0; i < shape.rows; i++) {
        int row = (v * shape.capacity + i) * shape.stride;
        int q = (v % shape.networks * shape.capacity + i) * shape.stride;
        float own = t[row + shape.label(labels, v, i)];
        float dot = 0;
        for (int k = 0; shape.kind == LossTwin.CROSS_ENTROPY && k < shape.classes; k++) {
          t[row + k] -= own;
          dot += p[q + k] * t[row + k];
        }
        for (int k = 0; k < shape.classes; k++) {
          t[row + k] =
              shape.kind == LossTwin.MSE
                  ? t[row + k] * scale
                  : scale * p[q + k] * (t[row + k] - dot);
        }
      }
    }
  }

  /** total ← part, or += that. */
  public static void accumulate(double[] total, float[] part, boolean add) {
    for (int i = 0; i < total.length; i++) {
      total[i] = (add ? total[i] : 0) + part[i];
    }
  }

  /** total[v] += coefficient x[v] on {@code count} values from {@code from} on. */
  public static void penalize(
      double[] total, float[] x, double coefficient, int vectors, int from, int count, int size) {
    for (int v = 0; v < vectors; v++) {
      for (int i = from; i < from + count; i++) {
        total[v * size + i] += coefficient * x[v * size + i];
      }
    }
  }

  /** out ← total in single precision. */
  public static void narrow(float[] out, double[] total) {
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) total[i];
    }
  }
}
