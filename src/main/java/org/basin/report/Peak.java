package org.basin.report;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The peak of a curve of estimates that falls, rises and falls again, as test error does in double
 * descent (Belkin et al. 2019): of the inner samples the one with the greatest prominence, which is
 * its mean less the higher of the two lowest means to its left and to its right.
 *
 * @param before index of the lowest mean left of the peak
 * @param at index of the peak
 * @param after index of the lowest mean right of the peak
 */
record Peak(int before, int at, int after) {
  /** Without intervals, a rise below this share of the peak's mean is not called a peak. */
  private static final double LEAST_RELATIVE_RISE = 0.05;

  /**
   * The peak, or null when the data does not support one. It is supported when its interval lies
   * wholly above those of both minima; where there is no interval (one seed), when it rises above
   * both minima by a twentieth of itself.
   */
  static @Nullable Peak find(List<Estimate> curve) {
    int best = -1;
    double bestProminence = 0;
    for (int i = 1; i + 1 < curve.size(); i++) {
      int left = lowest(curve, 0, i);
      int right = lowest(curve, i + 1, curve.size());
      if (curve.get(i).count() == 0 || left < 0 || right < 0) {
        continue;
      }
      double prominence =
          curve.get(i).mean() - Math.max(curve.get(left).mean(), curve.get(right).mean());
      if (prominence > bestProminence) {
        bestProminence = prominence;
        best = i;
      }
    }
    if (best < 0) {
      return null;
    }
    Peak peak = new Peak(lowest(curve, 0, best), best, lowest(curve, best + 1, curve.size()));
    Estimate top = curve.get(best);
    return clearlyAbove(top, curve.get(peak.before)) && clearlyAbove(top, curve.get(peak.after))
        ? peak
        : null;
  }

  /** Whether {@code high} is above {@code low} by the rule that {@link #find} states. */
  static boolean clearlyAbove(Estimate high, Estimate low) {
    if (high.hasInterval() && low.hasInterval()) {
      return high.low() > low.high();
    }
    return high.low() - low.high() > LEAST_RELATIVE_RISE * Math.abs(high.mean());
  }

  /** Index of the lowest mean in {@code [from, to)}, or -1 when there is none. */
  static int lowest(List<Estimate> curve, int from, int to) {
    int lowest = -1;
    for (int i = from; i < to; i++) {
      if (curve.get(i).count() > 0
          && (lowest < 0 || curve.get(i).mean() < curve.get(lowest).mean())) {
        lowest = i;
      }
    }
    return lowest;
  }
}
