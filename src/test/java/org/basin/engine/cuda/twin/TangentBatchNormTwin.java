package org.basin.engine.cuda.twin;

import org.jspecify.annotations.Nullable;

/** {@code tangent_batchnorm.cu} in plain Java; formulas and shapes stand there. */
public final class TangentBatchNormTwin {
  private static final int LANES = 8;
  private static final int SLAB = 256;
  private static final double EPSILON = 1e-5;

  private TangentBatchNormTwin() {}

  /**
   * The arrays' shapes.
   *
   * @param count points, or vectors
   * @param points points; vector b is at b % points
   * @param statistics values from a point to the next in means and inverses
   * @param size values from a point, or a vector, to the next in θ and v
   * @param gamma where γ starts; β is behind it
   * @param share 1 / rows; 0 where statistics are constants
   */
  public record Shape(
      int count,
      int points,
      int statistics,
      int size,
      int gamma,
      double share,
      int kind,
      int rows,
      int capacity,
      int width,
      int stride) {
    /** Slabs of rows. */
    public int slabs() {
      return Math.ceilDiv(rows, SLAB);
    }
  }

  /**
   * A value: of vector b, in column j, at `at` of the vectors; at `of` of the points, of point r.
   */
  @FunctionalInterface
  private interface Value {
    void of(int b, int r, int j, int at, int of);
  }

  private static void forEach(Shape shape, Value value) {
    int block = shape.capacity * shape.stride;
    for (int b = 0; b < shape.count; b++) {
      int r = b % shape.points;
      for (int i = 0; i < shape.rows; i++) {
        for (int j = 0; j < shape.width; j++) {
          int row = i * shape.stride + j;
          value.of(b, r, j, b * block + row, r * block + row);
        }
      }
    }
  }

  /** A pair of terms of a row. */
  @FunctionalInterface
  private interface Terms {
    void add(double[] sums, int b, int i, int j);
  }

  /** parts ← sums over slabs: every lane its rows, then the lanes. */
  private static void slabs(Shape shape, double[] parts, Terms terms) {
    for (int b = 0; b < shape.count; b++) {
      for (int slab = 0; slab < shape.slabs(); slab++) {
        int end = Math.min(shape.rows, (slab + 1) * SLAB);
        for (int j = 0; j < shape.width; j++) {
          int at = 2 * ((b * shape.slabs() + slab) * shape.width + j);
          parts[at] = 0;
          parts[at + 1] = 0;
          for (int lane = 0; lane < LANES; lane++) {
            double[] sums = new double[2];
            for (int i = slab * SLAB + lane; i < end; i += LANES) {
              terms.add(sums, b, i, j);
            }
            parts[at] += sums[0];
            parts[at + 1] += sums[1];
          }
        }
      }
    }
  }

  /** parts ← (Σ x, Σ x y + Σ upstream unit) over slabs of rows. */
  public static void columnSums(
      Shape shape,
      float[] x,
      float @Nullable [] y,
      float @Nullable [] upstream,
      float @Nullable [] unit,
      double[] parts) {
    slabs(
        shape,
        parts,
        (sums, b, i, j) -> {
          int at = (b * shape.capacity + i) * shape.stride + j;
          int of = (b % shape.points * shape.capacity + i) * shape.stride + j;
          sums[0] += x[at];
          sums[1] += y == null ? 0 : x[at] * y[of];
          sums[1] += upstream == null || unit == null ? 0 : upstream[of] * unit[at];
        });
  }

  /** parts ← (0, Σ (z - mean)²) over slabs of rows. */
  public static void columnSquares(Shape shape, float[] z, float[] mean, double[] parts) {
    slabs(
        shape,
        parts,
        (sums, b, i, j) -> {
          float difference =
              z[(b * shape.capacity + i) * shape.stride + j] - mean[b * shape.width + j];
          sums[1] += difference * difference;
        });
  }

  /** sum, product ← what the slabs add up to. */
  public static void columnReduce(Shape shape, double[] parts, double[] sum, double[] product) {
    for (int b = 0; b < shape.count; b++) {
      for (int j = 0; j < shape.width; j++) {
        double first = 0;
        double second = 0;
        for (int slab = 0; slab < shape.slabs(); slab++) {
          first += parts[2 * ((b * shape.slabs() + slab) * shape.width + j)];
          second += parts[2 * ((b * shape.slabs() + slab) * shape.width + j) + 1];
        }
        sum[b * shape.width + j] = first;
        product[b * shape.width + j] = second;
      }
    }
  }

  /** mean ← Σ / rows; inverse ← 1 / √(product / rows + ε); each unless null. */
  public static void batchStatistics(
      float @Nullable [] mean,
      float @Nullable [] inverse,
      double[] sum,
      double[] product,
      int rows) {
    for (int i = 0; i < sum.length; i++) {
      if (mean != null) {
        mean[i] = (float) (sum[i] / rows);
      }
      if (inverse != null) {
        inverse[i] = (float) (1 / Math.sqrt(product[i] / rows + EPSILON));
      }
    }
  }

  /** The derivatives by γ and β, into their places. */
  public static void storeScales(Shape shape, float[] out, double[] sum, double[] product) {
    for (int b = 0; b < shape.count; b++) {
      for (int j = 0; j < shape.width; j++) {
        int at = b * shape.size + shape.gamma + j;
        out[at] = (float) product[b * shape.width + j];
        out[at + shape.width] = (float) sum[b * shape.width + j];
      }
    }
  }

  /** a: z to φ(u); point b has the statistics b % sets. */
  public static void normalizePoints(
      Shape shape,
      float[] a,
      float @Nullable [] z,
      float @Nullable [] xhat,
      float[] mean,
      float[] inverse,
      int sets,
      float[] theta) {
    forEach(
        shape,
        (b, r, j, at, of) -> {
          int s = b % sets * shape.statistics + j;
          int g = b * shape.size + shape.gamma + j;
          float x = (a[at] - mean[s]) * inverse[s];
          float u = theta[g] * x + theta[g + shape.width];
          if (xhat != null) {
            xhat[at] = x;
          }
          if (z != null) {
            z[at] = u;
          }
          a[at] = ActivationTwin.activation(shape.kind, u);
        });
  }

  /** delta: du to dz; upstream receives du. */
  public static void normalizePointsBackward(
      Shape shape,
      float[] delta,
      float[] upstream,
      float[] xhat,
      float[] inverse,
      float[] theta,
      double[] sum,
      double[] product) {
    forEach(
        shape,
        (b, r, j, at, of) -> {
          int w = b * shape.width + j;
          float du = delta[at];
          upstream[at] = du;
          float scale = theta[b * shape.size + shape.gamma + j] * inverse[b * shape.statistics + j];
          delta[at] =
              scale
                  * (du
                      - (float) (shape.share * sum[w])
                      - xhat[at] * (float) (shape.share * product[w]));
        });
  }

  /** t: R{z} to R{a}; u receives R{u}, unit R{x̂}. */
  public static void tangentNormalize(
      Shape shape,
      float[] t,
      float @Nullable [] u,
      float[] unit,
      float[] a,
      float @Nullable [] z,
      float[] xhat,
      float[] inverse,
      float[] theta,
      float[] v,
      double[] sum,
      double[] product) {
    forEach(
        shape,
        (b, r, j, at, of) -> {
          int w = b * shape.width + j;
          int scales = b * shape.size + shape.gamma + j;
          float x = xhat[of];
          float normalized =
              inverse[r * shape.statistics + j]
                  * (t[at]
                      - (float) (shape.share * sum[w])
                      - x * (float) (shape.share * product[w]));
          float g = theta[r * shape.size + shape.gamma + j];
          float tangent = v[scales] * x + g * normalized + v[scales + shape.width];
          unit[at] = normalized;
          if (u != null) {
            u[at] = tangent;
          }
          t[at] = tangent * ActivationTwin.slope(shape.kind, a[of], z == null ? 0 : z[of]);
        });
  }

  /** d: R{du} to R{dz}; without the terms in du where unit is null. */
  public static void tangentNormalizeBackward(
      Shape shape,
      float[] d,
      float @Nullable [] unit,
      float[] upstream,
      float[] xhat,
      float[] inverse,
      float[] theta,
      float[] v,
      double[] sum,
      double[] product,
      double[] forward,
      double[] upstreamSum,
      double[] upstreamProduct) {
    forEach(
        shape,
        (b, r, j, at, of) -> {
          int w = b * shape.width + j;
          float x = xhat[of];
          float s = inverse[r * shape.statistics + j];
          float g = theta[r * shape.size + shape.gamma + j];
          float tangent =
              g
                  * s
                  * (d[at]
                      - (float) (shape.share * sum[w])
                      - x * (float) (shape.share * product[w]));
          if (unit != null) {
            int up = r * shape.width + j;
            float meanProduct = (float) (shape.share * upstreamProduct[up]);
            float centered =
                upstream[of] - (float) (shape.share * upstreamSum[up]) - x * meanProduct;
            float slope =
                v[b * shape.size + shape.gamma + j] * s
                    - g * s * s * (float) (shape.share * forward[w]);
            tangent += slope * centered - g * s * meanProduct * unit[at];
          }
          d[at] = tangent;
        });
  }
}
