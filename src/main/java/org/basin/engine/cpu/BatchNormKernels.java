package org.basin.engine.cpu;

/**
 * Batch normalisation u = γ (z - mean)/√(var + ε) + β of one layer (Ioffe and Szegedy 2015), on
 * rows of {@code width} values that stand {@code stride} apart.
 */
final class BatchNormKernels {
  /** ε of the variance. */
  static final float EPSILON = 1e-5f;

  /** What a running statistic keeps at a step. */
  static final float DECAY = 0.9f;

  private BatchNormKernels() {}

  /**
   * Normalises a batch by its own statistics, in place, and moves the running ones.
   *
   * @param z {@code [batch, width]} in, u out
   * @param normalized receives (z - mean)/√(var + ε)
   * @param inverseDeviation receives 1/√(var + ε), {@code [width]}
   * @param mean scratch, {@code [width]}
   * @param theta parameters; γ at {@code gamma}, β behind it
   * @param runningMean moved at {@code statistics} on
   * @param runningVariance moved at {@code statistics} on, by the biased variance
   */
  static void forward(
      float[] z,
      float[] normalized,
      float[] inverseDeviation,
      float[] mean,
      float[] theta,
      int gamma,
      float[] runningMean,
      float[] runningVariance,
      int statistics,
      int batch,
      int width,
      int stride) {
    statistics(z, mean, inverseDeviation, batch, width, stride);
    for (int j = 0; j < width; j++) {
      int s = statistics + j;
      runningMean[s] = DECAY * runningMean[s] + (1 - DECAY) * mean[j];
      runningVariance[s] = DECAY * runningVariance[s] + (1 - DECAY) * inverseDeviation[j];
      inverseDeviation[j] = (float) (1 / Math.sqrt(inverseDeviation[j] + EPSILON));
    }
    for (int i = 0; i < batch; i++) {
      normalize(z, normalized, i * stride, mean, inverseDeviation, theta, gamma, width);
    }
  }

  /** Means, and biased variances in {@code variance}. */
  private static void statistics(
      float[] z, float[] mean, float[] variance, int batch, int width, int stride) {
    java.util.Arrays.fill(mean, 0, width, 0f);
    java.util.Arrays.fill(variance, 0, width, 0f);
    for (int i = 0; i < batch; i++) {
      add(mean, z, i * stride, width);
    }
    float share = 1f / batch;
    for (int j = 0; j < width; j++) {
      mean[j] *= share;
    }
    for (int i = 0; i < batch; i++) {
      addSquares(variance, z, i * stride, mean, width);
    }
    for (int j = 0; j < width; j++) {
      variance[j] *= share;
    }
  }

  private static void add(float[] sum, float[] z, int row, int width) {
    for (int j = 0; j < width; j++) {
      sum[j] += z[row + j];
    }
  }

  private static void addSquares(float[] sum, float[] z, int row, float[] mean, int width) {
    for (int j = 0; j < width; j++) {
      float difference = z[row + j] - mean[j];
      sum[j] += difference * difference;
    }
  }

  private static void normalize(
      float[] z,
      float[] normalized,
      int row,
      float[] mean,
      float[] inverseDeviation,
      float[] theta,
      int gamma,
      int width) {
    int beta = gamma + width;
    for (int j = 0; j < width; j++) {
      float unit = (z[row + j] - mean[j]) * inverseDeviation[j];
      normalized[row + j] = unit;
      z[row + j] = theta[gamma + j] * unit + theta[beta + j];
    }
  }

  /**
   * Normalises by the running statistics, in place.
   *
   * @param z {@code [rows, width]} in, u out
   * @param scale scratch, {@code [width]}
   * @param shift scratch, {@code [width]}
   */
  static void evaluate(
      float[] z,
      float[] scale,
      float[] shift,
      float[] theta,
      int gamma,
      float[] runningMean,
      float[] runningVariance,
      int statistics,
      int rows,
      int width,
      int stride) {
    int beta = gamma + width;
    for (int j = 0; j < width; j++) {
      double inverse = 1 / Math.sqrt(runningVariance[statistics + j] + (double) EPSILON);
      scale[j] = (float) (theta[gamma + j] * inverse);
      shift[j] = theta[beta + j] - runningMean[statistics + j] * scale[j];
    }
    for (int i = 0; i < rows; i++) {
      scaleAndShift(z, i * stride, scale, shift, width);
    }
  }

  private static void scaleAndShift(float[] z, int row, float[] scale, float[] shift, int width) {
    for (int j = 0; j < width; j++) {
      z[row + j] = z[row + j] * scale[j] + shift[j];
    }
  }

  /**
   * Goes back through {@link #forward}: delta with respect to u becomes delta with respect to z.
   *
   * <pre>
   * dγ = Σ_i δ_i x̂_i,  dβ = Σ_i δ_i
   * δ_i ← γ/√(var + ε) (δ_i - dβ/batch - x̂_i dγ/batch)
   * </pre>
   *
   * @param gradient receives dγ at {@code gamma} and dβ behind it
   */
  static void backward(
      float[] delta,
      float[] normalized,
      float[] inverseDeviation,
      float[] theta,
      float[] gradient,
      int gamma,
      int batch,
      int width,
      int stride) {
    int beta = gamma + width;
    java.util.Arrays.fill(gradient, gamma, beta + width, 0f);
    for (int i = 0; i < batch; i++) {
      addProducts(gradient, gamma, delta, normalized, i * stride, width);
    }
    float share = 1f / batch;
    for (int i = 0; i < batch; i++) {
      center(delta, normalized, i * stride, inverseDeviation, theta, gradient, gamma, share, width);
    }
  }

  private static void addProducts(
      float[] gradient, int gamma, float[] delta, float[] normalized, int row, int width) {
    int beta = gamma + width;
    for (int j = 0; j < width; j++) {
      gradient[gamma + j] += delta[row + j] * normalized[row + j];
    }
    for (int j = 0; j < width; j++) {
      gradient[beta + j] += delta[row + j];
    }
  }

  private static void center(
      float[] delta,
      float[] normalized,
      int row,
      float[] inverseDeviation,
      float[] theta,
      float[] gradient,
      int gamma,
      float share,
      int width) {
    int beta = gamma + width;
    for (int j = 0; j < width; j++) {
      float centered =
          delta[row + j] - share * (gradient[beta + j] + normalized[row + j] * gradient[gamma + j]);
      delta[row + j] = theta[gamma + j] * inverseDeviation[j] * centered;
    }
  }
}
