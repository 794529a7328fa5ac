package org.basin.landscape;

import org.basin.train.LossFunction;
import org.basin.train.ObjectiveOptions;

/** What an objective cannot fall below, whatever the network: f* or less. */
public final class LowerBound {
  private LowerBound() {}

  /**
   * 0; of a cross-entropy with smoothed targets, their entropy −Σ_k y_k ln y_k, since no
   * distribution codes another better than that itself (Gibbs' inequality). A penalty is 0 or more.
   *
   * @param classes K
   */
  public static double of(ObjectiveOptions options, int classes) {
    double smoothing = options.labelSmoothing();
    if (options.loss() != LossFunction.CROSS_ENTROPY || smoothing == 0) {
      return 0;
    }
    double off = smoothing / classes;
    double on = 1 - smoothing + off;
    return -on * Math.log(on) - (classes - 1) * off * Math.log(off);
  }
}
