package org.basin.landscape.generalization;

import java.util.Arrays;
import org.basin.data.Examples;

/**
 * Output margins f(x)_y − max_{k ≠ y} f(x)_k of examples, ascending; below 0 for one that is
 * misclassified.
 *
 * @param sorted {@code [n]}
 */
record Margins(double[] sorted) {

  /**
   * The margins.
   *
   * @param outputs {@code [n, K]}, with K at least 2
   */
  static Margins of(float[] outputs, Examples examples) {
    int classes = examples.classes();
    double[] margins = new double[examples.count()];
    for (int i = 0; i < margins.length; i++) {
      double other = Double.NEGATIVE_INFINITY;
      for (int k = 0; k < classes; k++) {
        if (k != examples.labels()[i]) {
          other = Math.max(other, outputs[i * classes + k]);
        }
      }
      margins[i] = outputs[i * classes + examples.labels()[i]] - other;
    }
    Arrays.sort(margins);
    return new Margins(margins);
  }

  /**
   * A quantile, linear between the order statistics at (i − 1) / (n − 1) (Hyndman and Fan 1996,
   * type 7).
   *
   * @param share from 0 for the smallest to 1 for the largest
   */
  double quantile(double share) {
    double at = share * (sorted.length - 1);
    int below = (int) Math.floor(at);
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }
}
