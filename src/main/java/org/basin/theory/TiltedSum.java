package org.basin.theory;

import java.util.List;
import java.util.SplittableRandom;

/**
 * A function as a mean of terms that differ by a tilt, f_i(x) = f(x) + ⟨z_i, x⟩ with Σ z_i = 0: its
 * mini-batches have the same noise everywhere, and its variance is known.
 */
public final class TiltedSum implements FiniteSum {
  private final Function base;
  private final double[][] tilts;

  private TiltedSum(Function base, double[][] tilts) {
    this.base = base;
    this.tilts = tilts;
  }

  /**
   * Gaussian tilts in pairs z, −z, so that every odd moment is 0, scaled so that (1/n) Σ z_ij² = σ²
   * exactly in every coordinate j.
   *
   * @param pairs n/2, at least 1
   * @param sigma σ, at least 0
   */
  public static TiltedSum gaussian(
      Function base, int pairs, double sigma, SplittableRandom random) {
    int dimension = base.dimension();
    double[][] tilts = new double[2 * pairs][dimension];
    for (int j = 0; j < dimension; j++) {
      double squares = 0;
      for (int i = 0; i < pairs; i++) {
        double draw = random.nextGaussian();
        tilts[2 * i][j] = draw;
        squares += draw * draw;
      }
      double scale = sigma / Math.sqrt(squares / pairs);
      for (int i = 0; i < pairs; i++) {
        tilts[2 * i][j] *= scale;
        tilts[2 * i + 1][j] = -tilts[2 * i][j];
      }
    }
    return new TiltedSum(base, tilts);
  }

  /** (1/n) Σ z_ij⁴ of coordinate j. */
  public double fourthMoment(int coordinate) {
    double sum = 0;
    for (double[] tilt : tilts) {
      double square = tilt[coordinate] * tilt[coordinate];
      sum += square * square;
    }
    return sum / tilts.length;
  }

  @Override
  public int dimension() {
    return base.dimension();
  }

  @Override
  public double value(double[] x) {
    return base.value(x);
  }

  @Override
  public void gradient(double[] x, double[] gradient) {
    base.gradient(x, gradient);
  }

  @Override
  public List<CriticalPoint> criticalPoints() {
    return base.criticalPoints();
  }

  @Override
  public double infimum() {
    return base.infimum();
  }

  @Override
  public double smoothness() {
    return base.smoothness();
  }

  @Override
  public int terms() {
    return tilts.length;
  }

  @Override
  public void batchGradient(double[] x, int[] batch, double[] gradient) {
    base.gradient(x, gradient);
    for (int term : batch) {
      double[] tilt = tilts[term];
      for (int j = 0; j < gradient.length; j++) {
        gradient[j] += tilt[j] / batch.length;
      }
    }
  }
}
