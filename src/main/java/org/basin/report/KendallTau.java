package org.basin.report;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.hipparchus.distribution.continuous.NormalDistribution;

/**
 * Kendall's rank correlation with ties (Kendall 1945), of pairs that come in clusters, as the
 * replicas of a point do, which differ in the seed alone:
 *
 * <pre>
 * τ_b = Σ_{i&lt;j} sgn(x_i − x_j) sgn(y_i − y_j) / √(Σ [x_i ≠ x_j] Σ [y_i ≠ y_j])
 * </pre>
 *
 * <p>Without ties, (τ_b + 1)/2 is the probability that of two networks the one with the larger x
 * has the larger y (Jiang et al. 2020, section 3). The interval is the percentile bootstrap's over
 * whole clusters (Efron 1979; Davison and Hinkley 1997, section 3.8), so that seeds are not taken
 * for networks that differ. The p-value is of the clusters' means, of which no two share anything:
 * Kendall's normal approximation with its variance under independence (Kendall 1970, eq. 4.4).
 *
 * @param tau τ_b; NaN where x or y is constant
 * @param low lower end of the 95 % interval; NaN where most resamples have no τ_b
 * @param high its upper end
 * @param pairs number of pairs
 * @param p probability of a correlation of the means as large or larger by chance; NaN with τ_b
 */
record KendallTau(double tau, double low, double high, int pairs, double p) {
  /** With fewer clusters there is no interval worth a name. */
  static final int FEWEST_CLUSTERS = 5;

  private static final int RESAMPLES = 1000;
  private static final double TAIL = 0.025;

  /** Of single pairs, by the formula; NaN where x or y is constant. */
  static double of(double[] x, double[] y) {
    double sum = 0;
    double inX = 0;
    double inY = 0;
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < i; j++) {
        double dx = Math.signum(x[i] - x[j]);
        double dy = Math.signum(y[i] - y[j]);
        sum += dx * dy;
        inX += Math.abs(dx);
        inY += Math.abs(dy);
      }
    }
    return sum / Math.sqrt(inX * inY);
  }

  /**
   * Of clusters.
   *
   * @param clusters each {@code [pairs][2]}, x then y, with at least one pair
   */
  static KendallTau ofClusters(List<double[][]> clusters) {
    Concordance concordance = new Concordance(clusters);
    int count = clusters.size();
    int[] once = new int[count];
    Arrays.fill(once, 1);
    double tau = concordance.tau(once);
    double[] resampled = new double[RESAMPLES];
    SplittableRandom random = new SplittableRandom(1);
    int defined = 0;
    for (int resample = 0; resample < RESAMPLES; resample++) {
      int[] times = new int[count];
      for (int draw = 0; draw < count; draw++) {
        times[random.nextInt(count)]++;
      }
      double value = concordance.tau(times);
      if (Double.isFinite(value)) {
        resampled[defined++] = value;
      }
    }
    double low = Double.NaN;
    double high = Double.NaN;
    if (defined > 0.9 * RESAMPLES) {
      Arrays.sort(resampled, 0, defined);
      low = resampled[(int) Math.floor(TAIL * (defined - 1))];
      high = resampled[(int) Math.ceil((1 - TAIL) * (defined - 1))];
    }
    int pairs = clusters.stream().mapToInt(cluster -> cluster.length).sum();
    return new KendallTau(tau, low, high, pairs, chance(means(clusters, 0), means(clusters, 1)));
  }

  /** Whether the interval holds 0, or there is none. */
  boolean isUnclear() {
    return !(low > 0 || high < 0);
  }

  private static double[] means(List<double[][]> clusters, int column) {
    return clusters.stream()
        .mapToDouble(
            cluster -> Arrays.stream(cluster).mapToDouble(pair -> pair[column]).average().orElse(0))
        .toArray();
  }

  /** Two-sided p-value of independent pairs. */
  static double chance(double[] x, double[] y) {
    double n = x.length;
    double[] tiesX = ties(x);
    double[] tiesY = ties(y);
    double variance =
        (n * (n - 1) * (2 * n + 5) - tiesX[2] - tiesY[2]) / 18
            + tiesX[0] * tiesY[0] / (2 * n * (n - 1))
            + tiesX[1] * tiesY[1] / (9 * n * (n - 1) * (n - 2));
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < i; j++) {
        sum += Math.signum(x[i] - x[j]) * Math.signum(y[i] - y[j]);
      }
    }
    return variance > 0
        ? 2 * new NormalDistribution().cumulativeProbability(-Math.abs(sum) / Math.sqrt(variance))
        : Double.NaN;
  }

  /** Σ t(t−1), Σ t(t−1)(t−2) and Σ t(t−1)(2t+5) over groups of t equal values. */
  private static double[] ties(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double[] sums = new double[3];
    for (int from = 0; from < sorted.length; ) {
      int to = from;
      while (to < sorted.length && sorted[to] == sorted[from]) {
        to++;
      }
      double t = to - from;
      sums[0] += t * (t - 1);
      sums[1] += t * (t - 1) * (t - 2);
      sums[2] += t * (t - 1) * (2 * t + 5);
      from = to;
    }
    return sums;
  }

  /** Sums over the pairs of two clusters, or within one, of which resamples are made. */
  private static final class Concordance {
    private final double[][] sum;
    private final double[][] inX;
    private final double[][] inY;

    Concordance(List<double[][]> clusters) {
      int count = clusters.size();
      sum = new double[count][count];
      inX = new double[count][count];
      inY = new double[count][count];
      for (int p = 0; p < count; p++) {
        for (int q = 0; q <= p; q++) {
          double[][] one = clusters.get(p);
          double[][] other = clusters.get(q);
          for (int i = 0; i < one.length; i++) {
            for (int j = 0; j < (p == q ? i : other.length); j++) {
              double dx = Math.signum(one[i][0] - other[j][0]);
              double dy = Math.signum(one[i][1] - other[j][1]);
              sum[p][q] += dx * dy;
              inX[p][q] += Math.abs(dx);
              inY[p][q] += Math.abs(dy);
            }
          }
        }
      }
    }

    /**
     * τ_b with every cluster so many times. Copies of a pair are ties of it in x and y; two
     * different pairs of a cluster that is there m times meet m² times.
     */
    double tau(int[] times) {
      double numerator = 0;
      double x = 0;
      double y = 0;
      for (int p = 0; p < times.length; p++) {
        for (int q = 0; q <= p && times[p] > 0; q++) {
          double weight = (double) times[p] * times[q];
          numerator += weight * sum[p][q];
          x += weight * inX[p][q];
          y += weight * inY[p][q];
        }
      }
      return numerator / Math.sqrt(x * y);
    }
  }
}
