package org.basin.engine.cuda.twin;

import org.jspecify.annotations.Nullable;

/** {@code batchnorm.cu} in plain Java; formulas and shapes stand there. */
public final class BatchNormTwin {
  private static final int LANES = 8;
  private static final float EPSILON = 1e-5f;
  private static final float DECAY = 0.9f;

  private BatchNormTwin() {}

  /**
   * The arrays' shapes.
   *
   * @param thetaStride values of a replica's parameters
   * @param gamma where γ starts in them; β is behind it
   * @param statistics values of a replica's running statistics
   * @param from where the layer's start in them
   */
  public record Shape(
      int replicas,
      int rows,
      int capacity,
      int width,
      int stride,
      int thetaStride,
      int gamma,
      int statistics,
      int from) {
    int at(int r, int i, int j) {
      return (r * capacity + i) * stride + j;
    }
  }

  /** A value of a row. */
  @FunctionalInterface
  private interface Row {
    float at(int i);
  }

  /** Every lane adds every eighth row; then the lanes' sums are added. */
  private static float sum(int rows, Row values) {
    float sum = 0;
    for (int lane = 0; lane < LANES; lane++) {
      float ofLane = 0;
      for (int i = lane; i < rows; i += LANES) {
        ofLane += values.at(i);
      }
      sum += ofLane;
    }
    return sum;
  }

  /** a ← φ(u) by the batch's own statistics, which move the running ones. */
  public static void normalize(
      Shape shape,
      float[] a,
      float @Nullable [] z,
      float[] xhat,
      float[] inverse,
      float[] theta,
      float[] runningMean,
      float[] runningVariance,
      int kind) {
    int rows = shape.rows;
    for (int r = 0; r < shape.replicas; r++) {
      for (int j = 0; j < shape.width; j++) {
        int replica = r;
        int unit = j;
        float mean = sum(rows, i -> a[shape.at(replica, i, unit)]) / rows;
        float variance =
            sum(
                    rows,
                    i -> {
                      float centered = a[shape.at(replica, i, unit)] - mean;
                      return centered * centered;
                    })
                / rows;
        float scale = 1 / (float) Math.sqrt(variance + EPSILON);
        int s = r * shape.statistics + shape.from + j;
        runningMean[s] = DECAY * runningMean[s] + (1 - DECAY) * mean;
        runningVariance[s] = DECAY * runningVariance[s] + (1 - DECAY) * variance;
        inverse[r * shape.width + j] = scale;
        int g = r * shape.thetaStride + shape.gamma + j;
        for (int i = 0; i < rows; i++) {
          int at = shape.at(r, i, j);
          xhat[at] = (a[at] - mean) * scale;
          float u = theta[g] * xhat[at] + theta[g + shape.width];
          if (z != null) {
            z[at] = u;
          }
          a[at] = ActivationTwin.activation(kind, u);
        }
      }
    }
  }

  /** a ← φ(u) by the running statistics. */
  public static void normalizeEvaluate(
      Shape shape,
      float[] a,
      float[] theta,
      float[] runningMean,
      float[] runningVariance,
      int kind) {
    for (int r = 0; r < shape.replicas; r++) {
      for (int j = 0; j < shape.width; j++) {
        int g = r * shape.thetaStride + shape.gamma + j;
        int s = r * shape.statistics + shape.from + j;
        for (int i = 0; i < shape.rows; i++) {
          int at = shape.at(r, i, j);
          float unit = (a[at] - runningMean[s]) / (float) Math.sqrt(runningVariance[s] + EPSILON);
          a[at] = ActivationTwin.activation(kind, theta[g] * unit + theta[g + shape.width]);
        }
      }
    }
  }

  /** delta: from the derivative by the layer's outputs to that by z. */
  public static void normalizeBackward(
      Shape shape,
      float[] delta,
      float[] a,
      float @Nullable [] z,
      float[] xhat,
      float[] inverse,
      float[] theta,
      float[] gradient,
      int kind) {
    int rows = shape.rows;
    for (int r = 0; r < shape.replicas; r++) {
      for (int j = 0; j < shape.width; j++) {
        for (int i = 0; i < rows; i++) {
          int at = shape.at(r, i, j);
          delta[at] *= ActivationTwin.slope(kind, a[at], z == null ? 0 : z[at]);
        }
        int replica = r;
        int unit = j;
        float dbeta = sum(rows, i -> delta[shape.at(replica, i, unit)]);
        float dgamma =
            sum(rows, i -> delta[shape.at(replica, i, unit)] * xhat[shape.at(replica, i, unit)]);
        int g = r * shape.thetaStride + shape.gamma + j;
        gradient[g] = dgamma;
        gradient[g + shape.width] = dbeta;
        float scale = theta[g] * inverse[r * shape.width + j];
        for (int i = 0; i < rows; i++) {
          int at = shape.at(r, i, j);
          delta[at] = scale * (delta[at] - dbeta / rows - xhat[at] * dgamma / rows);
        }
      }
    }
  }
}
