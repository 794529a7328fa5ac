package org.basin.landscape.saddle;

import java.util.Arrays;
import java.util.List;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;

/** How far one number grows with another, by their ranks. */
final class RankCorrelation {
  private RankCorrelation() {}

  /**
   * Spearman's ρ with the standard error (1 − ρ²) √((1 + ρ²/2) / (n − 3)), that of Fisher's z after
   * Bonett and Wright (2000) carried back to ρ.
   *
   * @param fewest pairs below which nothing is said; at least 4
   * @return NaN and not converged with fewer pairs, or where one number is the same in all
   */
  static Uncertain of(double[] x, double[] y, int fewest) {
    double rho = x.length < fewest ? Double.NaN : pearson(ranks(x), ranks(y));
    if (Double.isNaN(rho)) {
      return Uncertain.of(Double.NaN, List.of(), false);
    }
    double error = (1 - rho * rho) * Math.sqrt((1 + rho * rho / 2) / (x.length - 3));
    return Uncertain.of(rho, List.of(Contribution.known(Source.SEEDS, error)), true);
  }

  /** Ranks from 1; equal values share the mean of theirs. */
  private static double[] ranks(double[] values) {
    return Arrays.stream(values)
        .map(
            value ->
                (1
                        + 2 * Arrays.stream(values).filter(other -> other < value).count()
                        + Arrays.stream(values).filter(other -> other == value).count())
                    / 2.0)
        .toArray();
  }

  private static double pearson(double[] x, double[] y) {
    double meanX = Arrays.stream(x).average().orElseThrow();
    double meanY = Arrays.stream(y).average().orElseThrow();
    double xx = 0;
    double xy = 0;
    double yy = 0;
    for (int i = 0; i < x.length; i++) {
      xx += (x[i] - meanX) * (x[i] - meanX);
      xy += (x[i] - meanX) * (y[i] - meanY);
      yy += (y[i] - meanY) * (y[i] - meanY);
    }
    return xy / Math.sqrt(xx * yy);
  }
}
