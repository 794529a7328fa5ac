package org.basin.engine.cpu;

import java.util.Arrays;
import org.basin.model.NetworkState;
import org.jspecify.annotations.Nullable;

/**
 * Batch normalisation u = γ x̂ + β, x̂ = (z - mean) s, s = 1/√(var + ε) of one layer (Ioffe and
 * Szegedy 2015), by the batch's statistics or by constant ones, with the R-operator (Pearlmutter
 * 1994) of its forward and backward pass. Means over the batch below are 0 where the statistics are
 * constants.
 *
 * <p>Rows of {@code width} values stand {@code stride} apart; those of vector j start at row {@code
 * j rows}. Sums over rows are accumulated in double precision.
 */
final class NormalizedLayer {
  private final int width;
  private final int stride;
  private final int gamma; // offset of γ in θ, β behind it
  private final int beta;
  private final boolean frozen;
  private final float[] mean;
  private final float[] inverseDeviation; // s
  private final float[] normalized; // x̂, [rows, stride]
  private final float[] upstream; // du of the last backward pass, [rows, stride]
  private final float[] upstreamMean; // mean(du), [width]
  private final float[] upstreamProduct; // mean(du x̂), [width]
  private final double[] sum;
  private final double[] product;
  private final float[] first; // scratch, [width]
  private final float[] second;
  private final float[] third;

  /** A layer normalised by its batch, or by {@code statistics} from {@code from} on if frozen. */
  NormalizedLayer(
      int width,
      int stride,
      int gamma,
      int rows,
      boolean frozen,
      NetworkState statistics,
      int from) {
    this.width = width;
    this.stride = stride;
    this.gamma = gamma;
    this.beta = gamma + width;
    this.frozen = frozen;
    mean = new float[width];
    inverseDeviation = new float[width];
    normalized = new float[rows * stride];
    upstream = new float[rows * stride];
    upstreamMean = new float[width];
    upstreamProduct = new float[width];
    sum = new double[width];
    product = new double[width];
    first = new float[width];
    second = new float[width];
    third = new float[width];
    for (int j = 0; frozen && j < width; j++) {
      mean[j] = statistics.runningMean()[from + j];
      inverseDeviation[j] = inverseDeviation(statistics.runningVariance()[from + j]);
    }
  }

  /** Bytes that a layer holds. */
  static long bytes(long width, long stride, long rows) {
    return Float.BYTES * (2 * rows * stride + 11 * width);
  }

  private static float inverseDeviation(double variance) {
    return (float) (1 / Math.sqrt(variance + BatchNormalization.EPSILON));
  }

  /** z {@code [rows, stride]} to u, in place. */
  void forward(float[] z, float[] theta, int rows) {
    if (!frozen) {
      statistics(z, rows);
    }
    for (int i = 0; i < rows; i++) {
      normalize(z, normalized, i * stride, mean, inverseDeviation, theta, gamma, beta, width);
    }
  }

  private void statistics(float[] z, int rows) {
    Arrays.fill(sum, 0);
    for (int i = 0; i < rows; i++) {
      add(sum, z, i * stride, width);
    }
    for (int j = 0; j < width; j++) {
      mean[j] = (float) (sum[j] / rows);
    }
    Arrays.fill(product, 0);
    for (int i = 0; i < rows; i++) {
      addSquares(product, z, i * stride, mean, width);
    }
    for (int j = 0; j < width; j++) {
      inverseDeviation[j] = inverseDeviation(product[j] / rows);
    }
  }

  /**
   * du {@code [rows, stride]} to dz, in place: dγ = Σ du x̂, dβ = Σ du, dz = γ s (du - mean(du) -
   * x̂ mean(du x̂)). Keeps du for {@link #tangentBackward}.
   *
   * @param gradient receives dγ and dβ, unless null
   */
  void backward(float[] delta, float[] theta, float @Nullable [] gradient, int rows) {
    System.arraycopy(delta, 0, upstream, 0, rows * stride);
    sums(delta, 0, rows);
    if (gradient != null) {
      store(gradient, 0);
    }
    means(upstreamMean, upstreamProduct, rows);
    scales(theta);
    for (int i = 0; i < rows; i++) {
      center(
          delta, i * stride, normalized, i * stride, upstreamMean, upstreamProduct, first, width);
    }
  }

  /** Σ delta and Σ delta x̂ of the block at {@code at}. */
  private void sums(float[] delta, int at, int rows) {
    Arrays.fill(sum, 0);
    Arrays.fill(product, 0);
    for (int i = 0; i < rows; i++) {
      add(sum, delta, at + i * stride, width);
      addProducts(product, delta, at + i * stride, normalized, i * stride, width);
    }
  }

  private void means(float[] ofSum, float[] ofProduct, int rows) {
    double share = frozen ? 0 : 1.0 / rows;
    for (int j = 0; j < width; j++) {
      ofSum[j] = (float) (share * sum[j]);
      ofProduct[j] = (float) (share * product[j]);
    }
  }

  /** {@link #first} ← γ s. */
  private void scales(float[] theta) {
    for (int j = 0; j < width; j++) {
      first[j] = theta[gamma + j] * inverseDeviation[j];
    }
  }

  /**
   * R{z} of vector {@code vector} to R{u}, in place: R{x̂} = s (R{z} - mean(R{z}) - x̂ mean(x̂
   * R{z})), R{u} = v_γ x̂ + γ R{x̂} + v_β.
   *
   * @param z {@code [capacity, rows, stride]}
   * @param unit receives R{x̂}, {@code [capacity, rows, stride]}
   * @param meanProduct receives mean(x̂ R{z}), {@code [capacity, width]}
   * @param v the vector, at {@code from}
   */
  void tangentForward(
      StackedRows z,
      StackedRows unit,
      float[] meanProduct,
      int vector,
      float[] theta,
      float[] v,
      int from,
      int rows) {
    int at = z.offset(vector);
    sums(z.values, at, rows);
    means(second, third, rows);
    System.arraycopy(third, 0, meanProduct, vector * width, width);
    for (int i = 0; i < rows; i++) {
      int row = i * stride;
      tangentNormalize(
          unit.values, z.values, at + row, normalized, row, second, third, inverseDeviation, width);
      tangentScale(
          z.values,
          unit.values,
          at + row,
          normalized,
          row,
          theta,
          gamma,
          v,
          from + gamma,
          from + beta,
          width);
    }
  }

  /**
   * R{du} of vector {@code vector} to R{dz}, in place, for {@code Hv}:
   *
   * <pre>
   * R{dγ} = Σ (R{du} x̂ + du R{x̂}),  R{dβ} = Σ R{du}
   * R{s} = -s² mean(x̂ R{z})
   * c = du - mean(du) - x̂ mean(du x̂)
   * R{c} = R{du} - mean(R{du}) - R{x̂} mean(du x̂) - x̂ mean(R{du} x̂ + du R{x̂})
   * R{dz} = (v_γ s + γ R{s}) c + γ s R{c}
   * </pre>
   *
   * @param delta {@code [capacity, rows, stride]}
   * @param unit what {@link #tangentForward} left
   * @param meanProduct what {@link #tangentForward} left
   * @param v the vector, at {@code from}
   * @param products receives R{dγ} and R{dβ}, its vector at {@code from}
   */
  void tangentBackward(
      StackedRows delta,
      StackedRows unit,
      float[] meanProduct,
      int vector,
      float[] theta,
      float[] v,
      int from,
      float[] products,
      int rows) {
    int at = delta.offset(vector);
    sums(delta.values, at, rows);
    for (int i = 0; i < rows; i++) {
      addProducts(product, unit.values, at + i * stride, upstream, i * stride, width);
    }
    store(products, from);
    means(second, third, rows);
    scales(theta);
    for (int i = 0; i < rows; i++) {
      int row = i * stride;
      center(delta.values, at + row, normalized, row, second, third, first, width);
    }
    for (int j = 0; j < width; j++) {
      float s = inverseDeviation[j];
      float tangent = -s * s * meanProduct[vector * width + j];
      second[j] = v[from + gamma + j] * s + theta[gamma + j] * tangent;
      third[j] = first[j] * upstreamProduct[j];
    }
    for (int i = 0; i < rows; i++) {
      int row = i * stride;
      addCentered(
          delta.values,
          unit.values,
          at + row,
          upstream,
          normalized,
          row,
          upstreamMean,
          upstreamProduct,
          second,
          third,
          width);
    }
  }

  /**
   * As {@link #tangentBackward} without the terms in du: the plain backward pass, for {@code Gv}.
   */
  void backward(
      StackedRows delta, int vector, float[] theta, float[] products, int from, int rows) {
    int at = delta.offset(vector);
    sums(delta.values, at, rows);
    store(products, from);
    means(second, third, rows);
    scales(theta);
    for (int i = 0; i < rows; i++) {
      int row = i * stride;
      center(delta.values, at + row, normalized, row, second, third, first, width);
    }
  }

  private void store(float[] products, int from) {
    for (int j = 0; j < width; j++) {
      products[from + gamma + j] = (float) product[j];
      products[from + beta + j] = (float) sum[j];
    }
  }

  private static void add(double[] sum, float[] x, int row, int width) {
    for (int j = 0; j < width; j++) {
      sum[j] += x[row + j];
    }
  }

  private static void addSquares(double[] sum, float[] z, int row, float[] mean, int width) {
    for (int j = 0; j < width; j++) {
      float difference = z[row + j] - mean[j];
      sum[j] += difference * difference;
    }
  }

  private static void addProducts(
      double[] sum, float[] x, int xRow, float[] y, int yRow, int width) {
    for (int j = 0; j < width; j++) {
      sum[j] += x[xRow + j] * y[yRow + j];
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
      int beta,
      int width) {
    for (int j = 0; j < width; j++) {
      float unit = (z[row + j] - mean[j]) * inverseDeviation[j];
      normalized[row + j] = unit;
      z[row + j] = theta[gamma + j] * unit + theta[beta + j];
    }
  }

  /** delta ← scale (delta - mean - x̂ product). */
  private static void center(
      float[] delta,
      int at,
      float[] normalized,
      int row,
      float[] mean,
      float[] product,
      float[] scale,
      int width) {
    for (int j = 0; j < width; j++) {
      delta[at + j] = scale[j] * (delta[at + j] - mean[j] - normalized[row + j] * product[j]);
    }
  }

  /** R{x̂} ← s (R{z} - mean - x̂ product). */
  private static void tangentNormalize(
      float[] unit,
      float[] z,
      int at,
      float[] normalized,
      int row,
      float[] mean,
      float[] product,
      float[] inverseDeviation,
      int width) {
    for (int j = 0; j < width; j++) {
      unit[at + j] = inverseDeviation[j] * (z[at + j] - mean[j] - normalized[row + j] * product[j]);
    }
  }

  /** R{u} ← v_γ x̂ + γ R{x̂} + v_β. */
  private static void tangentScale(
      float[] u,
      float[] unit,
      int at,
      float[] normalized,
      int row,
      float[] theta,
      int gamma,
      float[] v,
      int vGamma,
      int vBeta,
      int width) {
    for (int j = 0; j < width; j++) {
      u[at + j] =
          v[vGamma + j] * normalized[row + j] + theta[gamma + j] * unit[at + j] + v[vBeta + j];
    }
  }

  /** delta += byCentered (du - mean - x̂ product) - byTangent R{x̂}. */
  private static void addCentered(
      float[] delta,
      float[] unit,
      int at,
      float[] upstream,
      float[] normalized,
      int row,
      float[] mean,
      float[] product,
      float[] byCentered,
      float[] byTangent,
      int width) {
    for (int j = 0; j < width; j++) {
      float centered = upstream[row + j] - mean[j] - normalized[row + j] * product[j];
      delta[at + j] += byCentered[j] * centered - byTangent[j] * unit[at + j];
    }
  }
}
