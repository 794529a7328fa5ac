package org.basin.engine.cuda.twin;

import org.jspecify.annotations.Nullable;

/** {@code loss.cu} in plain Java; formulas and shapes stand there. */
public final class LossTwin {
  public static final int CROSS_ENTROPY = 0;
  public static final int MSE = 1;

  private static final int THREADS = 256;

  private LossTwin() {}

  /** f ← derivative of the mean over the rows. */
  public static void lossDerivative(
      float[] f,
      int[] y,
      float[] smoothing,
      int kind,
      int replicas,
      int rows,
      int capacity,
      int classes,
      int stride) {
    for (int r = 0; r < replicas; r++) {
      float off = smoothing[r] / classes;
      float on = 1 - smoothing[r] + off;
      for (int i = 0; i < rows; i++) {
        int row = (r * capacity + i) * stride;
        int label = y[r * capacity + i];
        if (kind == CROSS_ENTROPY) {
          softmax(f, row, classes);
        }
        for (int k = 0; k < classes; k++) {
          float difference = f[row + k] - (k == label ? on : off);
          f[row + k] =
              kind == CROSS_ENTROPY
                  ? difference / rows
                  : difference * (2 / ((float) classes * rows));
        }
      }
    }
  }

  private static void softmax(float[] f, int row, int classes) {
    float largest = f[row];
    for (int k = 1; k < classes; k++) {
      largest = f[row + k] > largest ? f[row + k] : largest;
    }
    float sum = 0;
    for (int k = 0; k < classes; k++) {
      f[row + k] = (float) Math.exp(f[row + k] - largest);
      sum += f[row + k];
    }
    float inverse = 1 / sum;
    for (int k = 0; k < classes; k++) {
      f[row + k] *= inverse;
    }
  }

  /** sums[r] += (sum of the rows' losses, number of wrong rows). */
  public static void lossSums(
      float[] f,
      int[][] labels,
      float @Nullable [] smoothing,
      double[] sums,
      int kind,
      int replicas,
      int first,
      int rows,
      int capacity,
      int classes,
      int stride) {
    for (int r = 0; r < replicas; r++) {
      double s = smoothing == null ? 0 : smoothing[r];
      double[] losses = new double[THREADS];
      double[] wrong = new double[THREADS];
      for (int i = 0; i < rows; i++) {
        int row = (r * capacity + i) * stride;
        int label = labels[r][first + i];
        int best = 0;
        boolean number = true;
        for (int k = 0; k < classes; k++) {
          number &= !Float.isNaN(f[row + k]);
          best = f[row + k] > f[row + best] ? k : best;
        }
        wrong[i % THREADS] += number && best == label ? 0 : 1;
        losses[i % THREADS] +=
            kind == CROSS_ENTROPY
                ? crossEntropy(f, row, classes, label, best, s)
                : squaredError(f, row, classes, label, s);
      }
      sums[2 * r] += Tree.sum(losses);
      sums[2 * r + 1] += Tree.sum(wrong);
    }
  }

  private static double crossEntropy(
      float[] f, int row, int classes, int label, int best, double s) {
    double largest = f[row + best];
    double sum = 0;
    double exponentials = 0;
    for (int k = 0; k < classes; k++) {
      sum += f[row + k];
      exponentials += Math.exp(f[row + k] - largest);
    }
    double smoothed = s > 0 ? s / classes * sum : 0;
    return largest + Math.log(exponentials) - (1 - s) * f[row + label] - smoothed;
  }

  private static double squaredError(float[] f, int row, int classes, int label, double s) {
    double squares = 0;
    for (int k = 0; k < classes; k++) {
      double difference = f[row + k] - ((k == label ? 1 - s : 0) + s / classes);
      squares += difference * difference;
    }
    return squares / classes;
  }
}
