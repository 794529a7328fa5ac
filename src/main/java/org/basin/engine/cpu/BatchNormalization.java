package org.basin.engine.cpu;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.basin.model.ParameterLayout;

/**
 * Batch normalisation u = γ x̂ + β, x̂ = (z - mean)/√(var + ε) of one layer of a replica (Ioffe and
 * Szegedy 2015), on {@code [width, rows]}: a unit's row has one mean, one variance, one γ and β.
 *
 * <p>The JIT does not vectorise sums: those over rows are products with a vector of ones.
 */
final class BatchNormalization {
  /** ε of the variance. */
  static final float EPSILON = 1e-5f;

  /** What a running statistic keeps at a step. */
  static final float DECAY = 0.9f;

  private final int width;
  private final int gamma; // of γ in θ
  private final int beta;
  private final int statistics; // of the running ones
  private final MemorySegment gammaGradient;
  private final MemorySegment betaGradient;
  private final float[] normalized; // x̂
  private final MemorySegment normalizedView;
  private final float[] mean;
  private final MemorySegment meanView;
  private final float[] inverseDeviation; // 1/√(var + ε)
  private final MemorySegment inverseDeviationView;
  private final MemorySegment ones; // [rows]

  /**
   * Buffers for a layer.
   *
   * @param l the layer, of {@code width} units
   * @param gradient of all parameters
   * @param capacity largest batch
   */
  BatchNormalization(
      ParameterLayout layout, int l, int width, MemorySegment gradient, int capacity) {
    this.width = width;
    gamma = layout.gamma(l);
    beta = gamma + width;
    statistics = layout.statistics(l);
    gammaGradient = gradient.asSlice((long) gamma * Float.BYTES, (long) width * Float.BYTES);
    betaGradient = gradient.asSlice((long) beta * Float.BYTES, (long) width * Float.BYTES);
    normalized = new float[width * capacity];
    normalizedView = MemorySegment.ofArray(normalized);
    mean = new float[width];
    meanView = MemorySegment.ofArray(mean);
    inverseDeviation = new float[width];
    inverseDeviationView = MemorySegment.ofArray(inverseDeviation);
    float[] one = new float[capacity];
    Arrays.fill(one, 1f);
    ones = MemorySegment.ofArray(one);
  }

  /**
   * Normalises a batch by its own statistics, in place, and moves the running ones.
   *
   * @param z in, u out
   * @param runningVariance moved by the biased variance
   */
  void forward(UnitRows z, float[] theta, float[] runningMean, float[] runningVariance, int rows) {
    OpenBlas.sgemv(width, rows, 1f / rows, z.view, ones, meanView);
    for (int j = 0; j < width; j++) {
      center(z.values, normalized, j * rows, mean[j], rows);
    }
    OpenBlas.sgemv(width, rows, 1f / rows, normalizedView, ones, inverseDeviationView);
    for (int j = 0; j < width; j++) {
      float variance = inverseDeviation[j];
      int s = statistics + j;
      runningMean[s] = DECAY * runningMean[s] + (1 - DECAY) * mean[j];
      runningVariance[s] = DECAY * runningVariance[s] + (1 - DECAY) * variance;
      inverseDeviation[j] = (float) (1 / Math.sqrt(variance + EPSILON));
    }
    for (int j = 0; j < width; j++) {
      float shift = theta[beta + j];
      scale(z.values, normalized, j * rows, inverseDeviation[j], theta[gamma + j], shift, rows);
    }
  }

  /** z ← z - mean, with its squares. */
  private static void center(float[] z, float[] squares, int row, float mean, int n) {
    for (int i = row; i < row + n; i++) {
      float centered = z[i] - mean;
      z[i] = centered;
      squares[i] = centered * centered;
    }
  }

  private static void scale(
      float[] z, float[] normalized, int row, float inverse, float gamma, float beta, int n) {
    for (int i = row; i < row + n; i++) {
      float unit = z[i] * inverse;
      normalized[i] = unit;
      z[i] = gamma * unit + beta;
    }
  }

  /**
   * Normalises by the running statistics, in place.
   *
   * @param z in, u out
   */
  void evaluate(float[] z, float[] theta, float[] runningMean, float[] runningVariance, int rows) {
    for (int j = 0; j < width; j++) {
      int s = statistics + j;
      double inverse = 1 / Math.sqrt(runningVariance[s] + (double) EPSILON);
      float scale = (float) (theta[gamma + j] * inverse);
      float shift = theta[beta + j] - runningMean[s] * scale;
      scaleAndShift(z, j * rows, scale, shift, rows);
    }
  }

  private static void scaleAndShift(float[] z, int row, float scale, float shift, int n) {
    for (int i = row; i < row + n; i++) {
      z[i] = z[i] * scale + shift;
    }
  }

  /**
   * Goes back through {@link #forward}: delta with respect to u becomes delta with respect to z.
   *
   * <pre>
   * dγ = Σ_i δ_i x̂_i,  dβ = Σ_i δ_i
   * δ_i ← γ/√(var + ε) (δ_i - dβ/rows - x̂_i dγ/rows)
   * </pre>
   *
   * @param gradient receives dγ and dβ
   * @param scratch as large as {@code delta}
   */
  void backward(UnitRows delta, float[] theta, float[] gradient, UnitRows scratch, int rows) {
    OpenBlas.sgemv(width, rows, 1f, delta.view, ones, betaGradient);
    multiply(scratch.values, delta.values, normalized, width * rows);
    OpenBlas.sgemv(width, rows, 1f, scratch.view, ones, gammaGradient);
    float share = 1f / rows;
    for (int j = 0; j < width; j++) {
      goBack(
          delta.values,
          normalized,
          j * rows,
          share * gradient[beta + j],
          share * gradient[gamma + j],
          theta[gamma + j] * inverseDeviation[j],
          rows);
    }
  }

  private static void multiply(float[] product, float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      product[i] = x[i] * y[i];
    }
  }

  private static void goBack(
      float[] delta, float[] normalized, int row, float mean, float product, float scale, int n) {
    for (int i = row; i < row + n; i++) {
      delta[i] = scale * (delta[i] - mean - normalized[i] * product);
    }
  }
}
