package org.basin.train;

/**
 * Loss and error of given outputs, accumulated in double precision.
 *
 * @param loss mean over examples; NaN when there are none or an output is not a number
 * @param error misclassified fraction: examples whose largest output is not their label's; NaN when
 *     there are none
 */
public record LossEvaluation(double loss, double error) {
  private static final LossEvaluation EMPTY = new LossEvaluation(Double.NaN, Double.NaN);

  /**
   * Evaluates logits.
   *
   * <pre>
   * cross-entropy:  (1/n) Σ_i ( log Σ_k exp f_ik - Σ_k y_ik f_ik )
   * mse:            (1/n) Σ_i (1/K) Σ_k (f_ik - y_ik)²
   * with targets    y_ik = [k = label_i] (1-ε) + ε/K
   * </pre>
   *
   * @param function the loss
   * @param logits f, {@code [count, classes]}, row-major
   * @param labels {@code [count]}
   * @param classes K
   * @param smoothing ε; 0 for the plain loss
   */
  public static LossEvaluation of(
      LossFunction function, float[] logits, int[] labels, int classes, double smoothing) {
    int count = labels.length;
    if (count == 0) {
      return EMPTY;
    }
    double total = 0;
    int wrong = 0;
    for (int i = 0; i < count; i++) {
      int row = i * classes;
      total +=
          switch (function) {
            case CROSS_ENTROPY -> crossEntropy(logits, row, classes, labels[i], smoothing);
            case MSE -> squaredError(logits, row, classes, labels[i], smoothing);
          };
      wrong += argmax(logits, row, classes) == labels[i] ? 0 : 1;
    }
    return new LossEvaluation(total / count, (double) wrong / count);
  }

  private static double crossEntropy(
      float[] logits, int row, int classes, int label, double smoothing) {
    double largest = Double.NEGATIVE_INFINITY;
    double sum = 0;
    for (int k = 0; k < classes; k++) {
      largest = Math.max(largest, logits[row + k]);
      sum += logits[row + k];
    }
    double exponentials = 0;
    for (int k = 0; k < classes; k++) {
      exponentials += Math.exp(logits[row + k] - largest);
    }
    double target = (1 - smoothing) * logits[row + label];
    if (smoothing > 0) {
      target += smoothing / classes * sum;
    }
    return largest + Math.log(exponentials) - target;
  }

  private static double squaredError(
      float[] logits, int row, int classes, int label, double smoothing) {
    double sum = 0;
    for (int k = 0; k < classes; k++) {
      double y = (k == label ? 1 - smoothing : 0) + smoothing / classes;
      double difference = logits[row + k] - y;
      sum += difference * difference;
    }
    return sum / classes;
  }

  /** Index of the largest output, the first of equals; -1, no class, when one is not a number. */
  private static int argmax(float[] logits, int row, int classes) {
    int best = 0;
    for (int k = 0; k < classes; k++) {
      if (Float.isNaN(logits[row + k])) {
        return -1;
      }
      if (logits[row + k] > logits[row + best]) {
        best = k;
      }
    }
    return best;
  }
}
