package org.basin.engine.cuda.twin;

import static org.basin.engine.cuda.twin.ActivationTwin.GELU;
import static org.basin.engine.cuda.twin.ActivationTwin.IDENTITY;
import static org.basin.engine.cuda.twin.ActivationTwin.TANH;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.hipparchus.special.Erf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against the formulas in double precision, and against their finite differences. */
class BatchNormTwinTest {
  private static final double EPSILON = 1e-5;
  private static final int REPLICAS = 2;
  private static final float POISON = 1234.5f;

  private final Random random = new Random(3);

  private float[] normal(int count, double mean, double scale) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (mean + scale * random.nextGaussian());
    }
    return values;
  }

  private static double activation(int kind, double u) {
    return switch (kind) {
      case TANH -> Math.tanh(u);
      case GELU -> 0.5 * u * Erf.erfc(-u / Math.sqrt(2));
      default -> u;
    };
  }

  /** A unit's batch: mean and biased variance. */
  private static double[] statistics(double[] z) {
    double mean = 0;
    for (double value : z) {
      mean += value / z.length;
    }
    double variance = 0;
    for (double value : z) {
      variance += (value - mean) * (value - mean) / z.length;
    }
    return new double[] {mean, variance};
  }

  /** Σ_i weight_i φ(γ x̂_i + β) of a unit. */
  private static double weighted(int kind, double[] z, float[] weights, double gamma, double beta) {
    double[] s = statistics(z);
    double sum = 0;
    for (int i = 0; i < z.length; i++) {
      double u = gamma * (z[i] - s[0]) / Math.sqrt(s[1] + EPSILON) + beta;
      sum += weights[i] * activation(kind, u);
    }
    return sum;
  }

  private static BatchNormTwin.Shape shape(int rows, int width) {
    int stride = width + 1;
    return new BatchNormTwin.Shape(
        REPLICAS, rows, rows + 2, width, stride, 2 * width + 5, 3, width + 4, 2);
  }

  private static double[] unit(BatchNormTwin.Shape shape, float[] values, int r, int j) {
    double[] unit = new double[shape.rows()];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = values[shape.at(r, i, j)];
    }
    return unit;
  }

  @ParameterizedTest
  @CsvSource({"1,1,3", "2,3,1", "7,5,2", "129,2,1", "32,33,2"})
  void forwardAndBackward(int rows, int width, int kind) {
    BatchNormTwin.Shape shape = shape(rows, width);
    int values = REPLICAS * shape.capacity() * shape.stride();
    float[] before = normal(values, 3, 2);
    float[] a = before.clone();
    float[] z = kind == GELU ? normal(values, POISON, 0) : null;
    float[] xhat = normal(values, POISON, 0);
    float[] inverse = new float[REPLICAS * width];
    float[] theta = normal(REPLICAS * shape.thetaStride(), 1, 0.3);
    float[] mean = normal(REPLICAS * shape.statistics(), 0, 1);
    float[] variance = normal(REPLICAS * shape.statistics(), 1, 0);
    float[] meanBefore = mean.clone();
    BatchNormTwin.normalize(shape, a, z, xhat, inverse, theta, mean, variance, kind);

    float[] weights = normal(values, 0, 1);
    float[] delta = weights.clone();
    float[] gradient = normal(theta.length, POISON, 0);
    BatchNormTwin.normalizeBackward(shape, delta, a, z, xhat, inverse, theta, gradient, kind);

    for (int r = 0; r < REPLICAS; r++) {
      for (int j = 0; j < width; j++) {
        double[] unit = unit(shape, before, r, j);
        double[] s = statistics(unit);
        int at = r * shape.statistics() + shape.from() + j;
        assertEquals(0.9 * meanBefore[at] + 0.1 * s[0], mean[at], 1e-6);
        assertEquals(0.9 + 0.1 * s[1], variance[at], 2e-6);
        int g = r * shape.thetaStride() + shape.gamma() + j;
        float[] w = new float[rows];
        for (int i = 0; i < rows; i++) {
          w[i] = weights[shape.at(r, i, j)];
          double x = (unit[i] - s[0]) / Math.sqrt(s[1] + EPSILON);
          double u = theta[g] * x + theta[g + width];
          assertEquals(activation(kind, u), a[shape.at(r, i, j)], 1e-5);
          if (z != null) {
            assertEquals(u, z[shape.at(r, i, j)], 1e-5);
          }
        }
        checkGradients(shape, kind, r, j, unit, w, theta, gradient, delta);
      }
    }
    untouched(shape, before, a);
    untouched(shape, weights, delta);
    assertEquals(POISON, gradient[shape.gamma() - 1]);
    assertEquals(POISON, gradient[shape.gamma() + 2 * width]);
  }

  private static void checkGradients(
      BatchNormTwin.Shape shape,
      int kind,
      int r,
      int j,
      double[] unit,
      float[] weights,
      float[] theta,
      float[] gradient,
      float[] delta) {
    int g = r * shape.thetaStride() + shape.gamma() + j;
    double gamma = theta[g];
    double beta = theta[g + shape.width()];
    double h = 1e-5;
    double tolerance = 2e-5 * Math.sqrt(unit.length) + 1e-6;
    assertEquals(
        (weighted(kind, unit, weights, gamma + h, beta)
                - weighted(kind, unit, weights, gamma - h, beta))
            / (2 * h),
        gradient[g],
        tolerance);
    assertEquals(
        (weighted(kind, unit, weights, gamma, beta + h)
                - weighted(kind, unit, weights, gamma, beta - h))
            / (2 * h),
        gradient[g + shape.width()],
        tolerance);
    // Rows that are close to each other lose digits twice: in x̂, and where it is taken away.
    double scale = gamma / Math.sqrt(statistics(unit)[1] + EPSILON);
    double rounding = unit.length == 1 ? 1e-9 : 3e-6 * (1 + scale * scale);
    for (int i = 0; i < unit.length; i += Math.max(1, unit.length / 8)) {
      double[] before = unit.clone();
      double[] after = unit.clone();
      before[i] -= h;
      after[i] += h;
      double slope =
          (weighted(kind, after, weights, gamma, beta)
                  - weighted(kind, before, weights, gamma, beta))
              / (2 * h);
      assertEquals(slope, delta[shape.at(r, i, j)], rounding);
    }
  }

  private static void untouched(BatchNormTwin.Shape shape, float[] before, float[] after) {
    for (int r = 0; r < REPLICAS; r++) {
      for (int i = 0; i < shape.capacity(); i++) {
        for (int j = i < shape.rows() ? shape.width() : 0; j < shape.stride(); j++) {
          assertEquals(before[shape.at(r, i, j)], after[shape.at(r, i, j)]);
        }
      }
    }
  }

  @Test
  void evaluationTakesTheRunningStatistics() {
    BatchNormTwin.Shape shape = shape(3, 2);
    float[] a = normal(REPLICAS * shape.capacity() * shape.stride(), 1, 2);
    float[] before = a.clone();
    float[] theta = normal(REPLICAS * shape.thetaStride(), 1, 0.3);
    float[] mean = normal(REPLICAS * shape.statistics(), 1, 1);
    float[] variance = normal(REPLICAS * shape.statistics(), 4, 0.5);
    BatchNormTwin.normalizeEvaluate(shape, a, theta, mean, variance, TANH);
    for (int r = 0; r < REPLICAS; r++) {
      for (int j = 0; j < 2; j++) {
        int s = r * shape.statistics() + shape.from() + j;
        int g = r * shape.thetaStride() + shape.gamma() + j;
        for (int i = 0; i < 3; i++) {
          double x = (before[shape.at(r, i, j)] - mean[s]) / Math.sqrt(variance[s] + EPSILON);
          assertEquals(Math.tanh(theta[g] * x + theta[g + 2]), a[shape.at(r, i, j)], 1e-6);
        }
      }
    }
    untouched(shape, before, a);
  }

  @Test
  void notANumberReachesItsUnitAlone() {
    BatchNormTwin.Shape shape = shape(9, 2);
    float[] a = normal(REPLICAS * shape.capacity() * shape.stride(), 1, 2);
    a[shape.at(1, 4, 0)] = Float.NaN;
    float[] mean = new float[REPLICAS * shape.statistics()];
    float[] variance = new float[mean.length];
    BatchNormTwin.normalize(
        shape,
        a,
        null,
        new float[a.length],
        new float[REPLICAS * 2],
        normal(REPLICAS * shape.thetaStride(), 1, 0.1),
        mean,
        variance,
        IDENTITY);
    int s = shape.statistics() + shape.from();
    assertEquals(Float.NaN, mean[s]);
    assertEquals(Float.NaN, variance[s]);
    for (int i = 0; i < 9; i++) {
      assertEquals(Float.NaN, a[shape.at(1, i, 0)]);
      assertTrue(Float.isFinite(a[shape.at(1, i, 1)]));
      assertTrue(Float.isFinite(a[shape.at(0, i, 0)]));
    }
  }
}
