package org.basin.report;

import org.hipparchus.distribution.continuous.TDistribution;

/**
 * Mean over seeds with its 95 % confidence interval mean ± t_{0.975, k-1} s / √k (Student 1908),
 * where s² = Σ (x - mean)² / (k - 1).
 *
 * @param count number of values k
 * @param mean their mean; NaN when there are none
 * @param standardDeviation s; NaN below two values
 * @param halfWidth half the width of the interval; NaN below two values
 */
record Estimate(int count, double mean, double standardDeviation, double halfWidth) {
  private static final double UPPER_QUANTILE = 0.975;

  /** Estimates from the finite ones of {@code values}; the others are left out and not counted. */
  static Estimate of(double... values) {
    int count = 0;
    double sum = 0;
    for (double value : values) {
      if (Double.isFinite(value)) {
        count++;
        sum += value;
      }
    }
    if (count == 0) {
      return new Estimate(0, Double.NaN, Double.NaN, Double.NaN);
    }
    double mean = sum / count;
    if (count == 1) {
      return new Estimate(1, mean, Double.NaN, Double.NaN);
    }
    double squares = 0;
    for (double value : values) {
      if (Double.isFinite(value)) {
        squares += (value - mean) * (value - mean);
      }
    }
    double deviation = Math.sqrt(squares / (count - 1));
    double quantile = new TDistribution(count - 1).inverseCumulativeProbability(UPPER_QUANTILE);
    return new Estimate(count, mean, deviation, quantile * deviation / Math.sqrt(count));
  }

  /** Whether there is an interval: at least two values. */
  boolean hasInterval() {
    return count >= 2;
  }

  /** Lower end of the interval; the mean itself when there is none. */
  double low() {
    return hasInterval() ? mean - halfWidth : mean;
  }

  /** Upper end of the interval; the mean itself when there is none. */
  double high() {
    return hasInterval() ? mean + halfWidth : mean;
  }
}
