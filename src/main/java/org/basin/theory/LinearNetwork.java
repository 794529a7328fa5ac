package org.basin.theory;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A two-layer linear network, f(W₁, W₂) = (1/n) Σ ½ ‖W₂W₁x_i − y_i‖² over n = d examples, with d
 * inputs and outputs: x_i = √(n c_i) e_i, y_i = m_i x_i, so that the inputs' second moments are
 * diag(c) and those of outputs with inputs diag(m_i c_i), the modes of Saxe et al. (2014). θ is W₁
 * {@code [hidden, d]}, then W₂ {@code [d, hidden]}, both row-major.
 *
 * <p>At the origin every term's gradient is 0, not only their mean: mini-batches make no noise
 * there.
 */
public final class LinearNetwork implements FiniteSum {
  private final double[] moments;
  private final double[] gains;
  private final int size;
  private final int hidden;

  /**
   * The network.
   *
   * @param moments c, {@code [d]}, above 0
   * @param gains m, {@code [d]}, above 0
   * @param hidden width of the hidden layer
   */
  public LinearNetwork(double[] moments, double[] gains, int hidden) {
    if (moments.length == 0
        || moments.length != gains.length
        || hidden < 1
        || Arrays.stream(moments).anyMatch(c -> !(c > 0))
        || Arrays.stream(gains).anyMatch(m -> !(m > 0))) {
      throw new IllegalArgumentException("moments and gains are as many and above 0");
    }
    this.moments = moments.clone();
    this.gains = gains.clone();
    this.size = moments.length;
    this.hidden = hidden;
  }

  @Override
  public int dimension() {
    return 2 * size * hidden;
  }

  @Override
  public int terms() {
    return size;
  }

  @Override
  public double value(double[] x) {
    double sum = 0;
    for (int i = 0; i < size; i++) {
      for (int o = 0; o < size; o++) {
        double error = residual(x, i, o);
        sum += moments[i] * error * error;
      }
    }
    return sum / 2;
  }

  @Override
  public void gradient(double[] x, double[] gradient) {
    Arrays.fill(gradient, 0);
    for (int i = 0; i < size; i++) {
      addTermGradient(i, x, 1.0 / size, gradient);
    }
  }

  @Override
  public void batchGradient(double[] x, int[] batch, double[] gradient) {
    Arrays.fill(gradient, 0);
    for (int term : batch) {
      addTermGradient(term, x, 1.0 / batch.length, gradient);
    }
  }

  private void addTermGradient(int term, double[] x, double factor, double[] gradient) {
    int second = hidden * size;
    double scale = factor * size * moments[term];
    for (int o = 0; o < size; o++) {
      double error = scale * residual(x, term, o);
      for (int h = 0; h < hidden; h++) {
        gradient[h * size + term] += error * x[second + o * hidden + h];
        gradient[second + o * hidden + h] += error * x[h * size + term];
      }
    }
  }

  /** (W₂W₁ − diag m) of output o and input i. */
  private double residual(double[] x, int i, int o) {
    int second = hidden * size;
    double sum = i == o ? -gains[i] : 0;
    for (int h = 0; h < hidden; h++) {
      sum += x[second + o * hidden + h] * x[h * size + i];
    }
    return sum;
  }

  /** The origin, with ±m_i c_i, each once for every hidden unit. */
  @Override
  public List<CriticalPoint> criticalPoints() {
    double[] eigenvalues = new double[dimension()];
    for (int i = 0; i < size; i++) {
      Arrays.fill(eigenvalues, 2 * i * hidden, (2 * i + 1) * hidden, gains[i] * moments[i]);
      Arrays.fill(eigenvalues, (2 * i + 1) * hidden, 2 * (i + 1) * hidden, -gains[i] * moments[i]);
    }
    return List.of(new CriticalPoint(new double[dimension()], eigenvalues));
  }

  /** ½ Σ c_i m_i² over the modes that find no hidden unit, those of the smallest c_i m_i². */
  @Override
  public double infimum() {
    return IntStream.range(0, size)
            .mapToDouble(i -> moments[i] * gains[i] * gains[i])
            .sorted()
            .limit(Math.max(0, size - hidden))
            .sum()
        / 2;
  }

  @Override
  public double smoothness() {
    return Double.POSITIVE_INFINITY;
  }
}
