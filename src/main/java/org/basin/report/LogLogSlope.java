package org.basin.report;

import org.hipparchus.distribution.continuous.TDistribution;
import org.jspecify.annotations.Nullable;

/**
 * The exponent b of y = a x^b by ordinary least squares on logarithms, b = Σ (u − ū)(v − v̄) / Σ (u
 * − ū)² with u = ln x, v = ln |y|, and its 95 % confidence interval b ± t_{0.975, m−2} √(Σ r² / (m
 * − 2) / Σ (u − ū)²), r the residuals over the m points. The residuals hold what seeds and probes
 * leave open as well as any bend, so an interval is wide where the law does not fit.
 *
 * @param points number of points m that it is from
 * @param slope b; NaN when it is not given
 * @param halfWidth half the width of the interval; NaN when it is not given
 * @param logFactor ln a, of |y|; NaN when it is not given
 * @param meanLog ū, through which every line of another slope is turned; NaN when it is not given
 * @param missing why it is not given; null when it is
 */
record LogLogSlope(
    int points,
    double slope,
    double halfWidth,
    double logFactor,
    double meanLog,
    @Nullable Missing missing) {
  private static final double UPPER_QUANTILE = 0.975;
  private static final int FEWEST_POINTS = 3;

  /** Why there is no slope. */
  enum Missing {
    NO_LOG_AXIS("the axis has values that have no logarithm"),
    TOO_FEW("fewer than 3 points have a value"),
    SIGN_CHANGES("the values change their sign or are zero");

    private final String reason;

    Missing(String reason) {
      this.reason = reason;
    }

    /** In words. */
    String reason() {
      return reason;
    }
  }

  /**
   * Fits the points of which {@code y} is finite.
   *
   * @param x as many as {@code y}, no two the same
   */
  static LogLogSlope of(double[] x, double[] y) {
    int points = 0;
    int positive = 0;
    int negative = 0;
    double meanU = 0;
    double meanV = 0;
    for (int i = 0; i < y.length; i++) {
      if (Double.isFinite(y[i])) {
        if (!(x[i] > 0)) {
          return without(Missing.NO_LOG_AXIS);
        }
        points++;
        positive += y[i] > 0 ? 1 : 0;
        negative += y[i] < 0 ? 1 : 0;
        meanU += Math.log(x[i]);
        meanV += Math.log(Math.abs(y[i]));
      }
    }
    if (points < FEWEST_POINTS) {
      return without(Missing.TOO_FEW);
    }
    if (positive < points && negative < points) {
      return without(Missing.SIGN_CHANGES);
    }
    meanU /= points;
    meanV /= points;
    double squares = 0;
    double products = 0;
    for (int i = 0; i < y.length; i++) {
      if (Double.isFinite(y[i])) {
        double u = Math.log(x[i]) - meanU;
        squares += u * u;
        products += u * (Math.log(Math.abs(y[i])) - meanV);
      }
    }
    double slope = products / squares;
    double residuals = 0;
    for (int i = 0; i < y.length; i++) {
      if (Double.isFinite(y[i])) {
        double residual = Math.log(Math.abs(y[i])) - meanV - slope * (Math.log(x[i]) - meanU);
        residuals += residual * residual;
      }
    }
    int degrees = points - 2;
    double quantile = new TDistribution(degrees).inverseCumulativeProbability(UPPER_QUANTILE);
    return new LogLogSlope(
        points,
        slope,
        quantile * Math.sqrt(residuals / degrees / squares),
        meanV - slope * meanU,
        meanU,
        null);
  }

  /** None, for that reason. */
  static LogLogSlope without(Missing missing) {
    return new LogLogSlope(0, Double.NaN, Double.NaN, Double.NaN, Double.NaN, missing);
  }

  /** Whether it is given. */
  boolean isGiven() {
    return missing == null;
  }

  /** Lower end of the interval. */
  double low() {
    return slope - halfWidth;
  }

  /** Upper end of the interval. */
  double high() {
    return slope + halfWidth;
  }

  /** Whether the interval lies on one side of zero. */
  boolean isClear() {
    return isGiven() && (low() > 0 || high() < 0);
  }
}
