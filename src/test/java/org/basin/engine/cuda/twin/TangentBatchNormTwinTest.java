package org.basin.engine.cuda.twin;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * One unit with tanh behind its normalisation, against double precision: values and gradients by
 * the formulas, what comes of a direction by finite differences of those.
 */
class TangentBatchNormTwinTest {
  private static final double EPSILON = 1e-5;
  private static final double H = 1e-4;

  private final Random random = new Random(15);

  private float[] normal(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** What a batch gives: outputs a, and dΣ w a / dz. */
  private record Exact(double[] a, double[] dz, double dgamma, double dbeta) {
    static Exact of(double[] z, double[] w, double gamma, double beta) {
      int n = z.length;
      double mean = 0;
      double variance = 0;
      for (double value : z) {
        mean += value / n;
      }
      for (double value : z) {
        variance += (value - mean) * (value - mean) / n;
      }
      double s = 1 / Math.sqrt(variance + EPSILON);
      double[] a = new double[n];
      double[] du = new double[n];
      double sum = 0;
      double product = 0;
      for (int i = 0; i < n; i++) {
        double x = (z[i] - mean) * s;
        a[i] = Math.tanh(gamma * x + beta);
        du[i] = w[i] * (1 - a[i] * a[i]);
        sum += du[i];
        product += du[i] * x;
      }
      double[] dz = new double[n];
      for (int i = 0; i < n; i++) {
        dz[i] = gamma * s * (du[i] - sum / n - (z[i] - mean) * s * product / n);
      }
      return new Exact(a, dz, product, sum);
    }
  }

  /** x + h t. */
  private static double[] along(float[] x, double h, float[] t) {
    double[] moved = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      moved[i] = x[i] + h * t[i];
    }
    return moved;
  }

  @ParameterizedTest
  @CsvSource({"3", "9", "255", "700"})
  void valuesGradientsAndDirections(int rows) {
    TangentBatchNormTwin.Shape shape =
        new TangentBatchNormTwin.Shape(
            1, 1, 1, 2, 0, 1.0 / rows, ActivationTwin.TANH, rows, rows, 1, 1);
    float[] z = normal(rows);
    float[] w = normal(rows);
    float[] theta = {1.3f, -0.2f};
    float[] direction = {0.4f, 0.7f};
    float[] tz = normal(rows);
    float[] tw = normal(rows);

    double[] parts = new double[2 * shape.slabs()];
    double[] sum = new double[1];
    double[] product = new double[1];
    float[] mean = new float[1];
    float[] inverse = new float[1];
    TangentBatchNormTwin.columnSums(shape, z, null, null, null, parts);
    TangentBatchNormTwin.columnReduce(shape, parts, sum, product);
    TangentBatchNormTwin.batchStatistics(mean, null, sum, product, rows);
    TangentBatchNormTwin.columnSquares(shape, z, mean, parts);
    TangentBatchNormTwin.columnReduce(shape, parts, sum, product);
    TangentBatchNormTwin.batchStatistics(null, inverse, sum, product, rows);
    float[] a = z.clone();
    float[] xhat = new float[rows];
    TangentBatchNormTwin.normalizePoints(shape, a, null, xhat, mean, inverse, 1, theta);

    TangentTwin.Shape activation =
        new TangentTwin.Shape(1, 1, ActivationTwin.TANH, rows, rows, 1, 1);
    float[] delta = w.clone();
    float[] curve = new float[rows];
    TangentTwin.linearizeBackward(activation, delta, curve, a, null);
    float[] upstream = new float[rows];
    float[] gradient = new float[2];
    double[] upstreamSum = new double[1];
    double[] upstreamProduct = new double[1];
    TangentBatchNormTwin.columnSums(shape, delta, xhat, null, null, parts);
    TangentBatchNormTwin.columnReduce(shape, parts, upstreamSum, upstreamProduct);
    TangentBatchNormTwin.storeScales(shape, gradient, upstreamSum, upstreamProduct);
    TangentBatchNormTwin.normalizePointsBackward(
        shape, delta, upstream, xhat, inverse, theta, upstreamSum, upstreamProduct);

    float[] t = tz.clone();
    float[] u = new float[rows];
    float[] unit = new float[rows];
    double[] forward = new double[1];
    TangentBatchNormTwin.columnSums(shape, t, xhat, null, null, parts);
    TangentBatchNormTwin.columnReduce(shape, parts, sum, forward);
    TangentBatchNormTwin.tangentNormalize(
        shape, t, u, unit, a, null, xhat, inverse, theta, direction, sum, forward);
    float[] d = tw.clone();
    TangentTwin.tangentActivateBackward(activation, d, u, curve, a, null);
    TangentBatchNormTwin.columnSums(shape, d, xhat, upstream, unit, parts);
    TangentBatchNormTwin.columnReduce(shape, parts, sum, product);
    TangentBatchNormTwin.tangentNormalizeBackward(
        shape,
        d,
        unit,
        upstream,
        xhat,
        inverse,
        theta,
        direction,
        sum,
        product,
        forward,
        upstreamSum,
        upstreamProduct);

    Exact exact = Exact.of(along(z, 0, tz), along(w, 0, tw), theta[0], theta[1]);
    Exact after =
        Exact.of(
            along(z, H, tz),
            along(w, H, tw),
            theta[0] + H * direction[0],
            theta[1] + H * direction[1]);
    Exact before =
        Exact.of(
            along(z, -H, tz),
            along(w, -H, tw),
            theta[0] - H * direction[0],
            theta[1] - H * direction[1]);
    assertEquals(exact.dgamma(), gradient[0], 1e-5 * Math.sqrt(rows));
    assertEquals(exact.dbeta(), gradient[1], 1e-5 * Math.sqrt(rows));
    assertEquals((after.dgamma() - before.dgamma()) / (2 * H), product[0], 3e-5 * rows);
    assertEquals((after.dbeta() - before.dbeta()) / (2 * H), sum[0], 3e-5 * rows);
    for (int i = 0; i < rows; i++) {
      assertEquals(exact.a()[i], a[i], 1e-6);
      assertEquals(exact.dz()[i], delta[i], 3e-6);
      assertEquals((after.a()[i] - before.a()[i]) / (2 * H), t[i], 1e-5);
      assertEquals((after.dz()[i] - before.dz()[i]) / (2 * H), d[i], 3e-5);
    }
  }

  /** Four items of two networks, of one example and one unit; what a mean multiplies is zero. */
  @Test
  void itemsAreOfTheNetworksInTurn() {
    TangentBatchNormTwin.Shape shape =
        new TangentBatchNormTwin.Shape(4, 2, 1, 2, 0, 1, ActivationTwin.IDENTITY, 1, 1, 1, 1);
    float[] inverse = {1, 10};
    float[] a = {3, 3, 5, 5};
    float[] xhat = new float[4];
    float[] thetas = {1, 0, 1, 1, 2, 0, 2, 1};
    TangentBatchNormTwin.normalizePoints(
        shape, a, null, xhat, new float[] {1, 2}, inverse, 2, thetas);
    assertArrayEquals(new float[] {2, 10, 4, 30}, xhat);
    assertArrayEquals(new float[] {2, 11, 8, 61}, a);

    double[] parts = new double[8];
    float[] x = {1, 2, 3, 4};
    float[] ones = {1, 1, 1, 1};
    TangentBatchNormTwin.columnSums(
        shape, x, new float[] {10, 100}, new float[] {1, 2}, ones, parts);
    assertArrayEquals(new double[] {1, 11, 2, 202, 3, 31, 4, 402}, parts);

    float[] theta = {2, 0, 3, 0};
    float[] v = {1, 0, 0, 1, 0, 0, 1, 1};
    float[] points = {5, 7};
    double[] zeros = new double[4];
    float[] t = {1, 1, 2, 2};
    float[] unit = new float[4];
    TangentBatchNormTwin.tangentNormalize(
        shape, t, null, unit, points, null, points, inverse, theta, v, zeros, zeros);
    assertArrayEquals(new float[] {1, 10, 2, 20}, unit);
    assertArrayEquals(new float[] {7, 31, 4, 68}, t);
    float[] d = {1, 1, 1, 1};
    TangentBatchNormTwin.tangentNormalizeBackward(
        shape,
        d,
        unit,
        new float[] {6, 20},
        points,
        inverse,
        theta,
        v,
        zeros,
        zeros,
        zeros,
        new double[] {0, 0},
        new double[] {1, 2});
    assertArrayEquals(new float[] {1, -570, -2, -1110}, d);
  }
}
