package org.basin.landscape.connectivity;

import java.util.List;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;

/**
 * How high a path rises, by the three definitions in use. With L the loss, or the error, along it:
 *
 * <pre>
 * aboveLine       max_t L(t) − [(1 − t) L(0) + t L(1)]     Entezari et al. 2022
 * aboveMean       max_t L(t) − ½ (L(0) + L(1))             Frankle et al. 2020, section 2
 * aboveHigherEnd  max_t L(t) − max(L(0), L(1))             Draxler et al. 2018
 * </pre>
 *
 * <p>The maximum is over equally spaced t, the ends among them: none is negative. What lies between
 * them is judged by the parabola through the highest and its neighbours.
 *
 * @param aboveLine above the straight line between the ends
 * @param aboveMean above the mean of the ends, which differs where the ends do
 * @param aboveHigherEnd above the higher end
 */
public record Barrier(Uncertain aboveLine, Uncertain aboveMean, Uncertain aboveHigherEnd) {

  /**
   * The barrier of losses at equally spaced t.
   *
   * @param values L, the ends first and last
   * @param rounding relative error of one
   */
  static Barrier of(double[] values, double rounding) {
    int last = values.length - 1;
    double[] rise = new double[values.length];
    for (int i = 0; i <= last; i++) {
      double t = (double) i / last;
      // The ends exactly: their rise is 0.
      double line = i == last ? values[last] : values[0] + t * (values[last] - values[0]);
      rise[i] = values[i] - line;
    }
    double mean = (values[0] + values[last]) / 2;
    double higher = Math.max(values[0], values[last]);
    return new Barrier(
        highest(rise, 0, values, rounding),
        highest(values, mean, values, rounding),
        highest(values, higher, values, rounding));
  }

  /** The largest of {@code of} above {@code base}. */
  private static Uncertain highest(double[] of, double base, double[] values, double rounding) {
    int top = 0;
    double size = 0;
    for (int i = 0; i < of.length; i++) {
      if (!Double.isFinite(of[i])) {
        return Uncertain.of(Double.NaN, List.of(), false);
      }
      top = of[i] > of[top] ? i : top;
      size = Math.max(size, Math.abs(values[i]));
    }
    double missed = 0;
    if (top > 0 && top < of.length - 1) {
      double curvature = 2 * of[top] - of[top - 1] - of[top + 1];
      double slope = of[top + 1] - of[top - 1];
      missed = curvature > 0 ? slope * slope / (8 * curvature) : 0;
    }
    return Uncertain.of(
        of[top] - base,
        List.of(
            Contribution.known(Source.RESIDUAL, missed),
            Contribution.known(Source.ROUNDING, top == 0 ? 0 : rounding * size)),
        true);
  }
}
