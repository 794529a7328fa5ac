package org.basin.theory;

import java.util.Arrays;
import java.util.List;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;

/**
 * A straight line through points.
 *
 * @param slope with its standard error
 * @param intercept at x = 0
 */
public record LineFit(Uncertain slope, double intercept) {

  /**
   * Least squares, the errors estimated from what is left: s² = Σ e² / (n − 2).
   *
   * @throws IllegalArgumentException below three points, or with all x equal
   */
  public static LineFit leastSquares(double[] x, double[] y) {
    if (x.length < 3) {
      throw new IllegalArgumentException("a line with its error through " + x.length + " points");
    }
    double[] equal = new double[x.length];
    Arrays.fill(equal, 1);
    LineFit line = weighted(x, y, equal);
    double squares = 0;
    for (int i = 0; i < x.length; i++) {
      double left = y[i] - line.intercept() - line.slope().value() * x[i];
      squares += left * left;
    }
    int degrees = x.length - 2;
    double error = Math.sqrt(squares / degrees) * line.slope().standardError();
    return new LineFit(
        Uncertain.of(
            line.slope().value(), List.of(new Contribution(Source.SEEDS, error, degrees)), true),
        line.intercept());
  }

  /**
   * Weighted least squares with the standard errors known, w = 1/s²: Var(slope) = 1 / Σ w (x −
   * x̄)².
   *
   * @param errors standard errors of y, above 0
   * @throws IllegalArgumentException below two points, or with all x equal
   */
  public static LineFit weighted(double[] x, double[] y, double[] errors) {
    double weights = 0;
    double meanX = 0;
    double meanY = 0;
    for (int i = 0; i < x.length; i++) {
      double weight = 1 / (errors[i] * errors[i]);
      weights += weight;
      meanX += weight * x[i];
      meanY += weight * y[i];
    }
    meanX /= weights;
    meanY /= weights;
    double squares = 0;
    double products = 0;
    for (int i = 0; i < x.length; i++) {
      double weight = 1 / (errors[i] * errors[i]);
      squares += weight * (x[i] - meanX) * (x[i] - meanX);
      products += weight * (x[i] - meanX) * (y[i] - meanY);
    }
    if (!(squares > 0)) {
      throw new IllegalArgumentException("a line through " + x.length + " points at one x");
    }
    double slope = products / squares;
    return new LineFit(
        Uncertain.of(
            slope, List.of(Contribution.known(Source.SEEDS, 1 / Math.sqrt(squares))), true),
        meanY - slope * meanX);
  }
}
