package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.basin.engine.cuda.twin.TangentBatchNormTwin;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** ReLU's arithmetic is the same in both languages: the same bits. */
class TangentBatchNormKernelTest {
  private static final String SOURCE = "tangent_batchnorm.cu";
  private static final int COUNT = 3;
  private static final int RELU = 0;

  private final RandomArrays random = new RandomArrays(16);

  private static TangentBatchNormTwin.Shape shape(
      boolean shared, int rows, int capacity, int width, int stride) {
    return new TangentBatchNormTwin.Shape(
        COUNT,
        shared ? 0 : capacity * stride,
        shared ? 0 : width,
        shared ? 0 : 2 * width + 7,
        2 * width + 3,
        2,
        1.0 / rows,
        RELU,
        rows,
        capacity,
        width,
        stride);
  }

  private float[] rows(TangentBatchNormTwin.Shape shape) {
    return random.normal(COUNT * shape.capacity() * shape.stride(), 0, 1);
  }

  private double[] units(TangentBatchNormTwin.Shape shape) {
    double[] units = new double[COUNT * shape.width()];
    float[] values = random.normal(units.length, 0, 3);
    for (int i = 0; i < units.length; i++) {
      units[i] = values[i];
    }
    return units;
  }

  @ParameterizedTest
  @CsvSource({"1,1,1,1", "9,11,33,34", "257,260,31,32", "600,601,130,131"})
  void statisticsAsTheirTwins(int rows, int capacity, int width, int stride) {
    TangentBatchNormTwin.Shape shape = shape(false, rows, capacity, width, stride);
    float[] z = rows(shape);
    z[capacity * stride] = Float.NaN;
    float[] y = rows(shape);
    float[] upstream = rows(shape);
    float[] unit = rows(shape);
    double[] parts = new double[2 * COUNT * shape.slabs() * width];
    double[] squares = parts.clone();
    double[] sum = units(shape);
    double[] product = units(shape);
    double[] ofSquares = units(shape);
    float[] mean = random.normal(COUNT * width, 0, 1);
    float[] inverse = mean.clone();
    float[] out = random.normal(COUNT * shape.size(), 0, 1);

    double[] twinParts = parts.clone();
    double[] twinSquares = squares.clone();
    double[] twinSum = sum.clone();
    double[] twinProduct = product.clone();
    double[] twinOfSquares = ofSquares.clone();
    float[] twinMean = mean.clone();
    float[] twinInverse = inverse.clone();
    float[] twinOut = out.clone();
    TangentBatchNormTwin.columnSums(shape, z, y, upstream, unit, twinParts);
    TangentBatchNormTwin.columnReduce(shape, twinParts, twinSum, twinProduct);
    TangentBatchNormTwin.batchStatistics(twinMean, null, twinSum, twinProduct, rows);
    TangentBatchNormTwin.columnSquares(shape, z, twinMean, twinSquares);
    TangentBatchNormTwin.columnReduce(shape, twinSquares, new double[sum.length], twinOfSquares);
    TangentBatchNormTwin.batchStatistics(null, twinInverse, twinSum, twinOfSquares, rows);
    TangentBatchNormTwin.storeScales(shape, twinOut, twinSum, twinProduct);

    try (Bench bench = Bench.open()) {
      int tiles = Math.ceilDiv(width, 32) * shape.slabs();
      int units = Math.ceilDiv(width, 128);
      double[] none = new double[sum.length];
      bench.runInEveryOrder(
          () -> {
            bench.launchBlocks(
                SOURCE,
                "column_sums",
                tiles,
                COUNT,
                256,
                bench.on(z),
                bench.on(y),
                bench.on(upstream),
                bench.on(unit),
                (long) shape.point(),
                bench.on(parts),
                rows,
                capacity,
                width,
                stride);
            reduce(bench, units, parts, sum, product, shape);
            bench.launchBlocks(
                SOURCE,
                "batch_statistics",
                units,
                COUNT,
                128,
                bench.on(mean),
                0L,
                bench.on(sum),
                bench.on(product),
                rows,
                width);
            bench.launchBlocks(
                SOURCE,
                "column_squares",
                tiles,
                COUNT,
                256,
                bench.on(z),
                bench.on(mean),
                bench.on(squares),
                rows,
                capacity,
                width,
                stride);
            reduce(bench, units, squares, none, ofSquares, shape);
            bench.launchBlocks(
                SOURCE,
                "batch_statistics",
                units,
                COUNT,
                128,
                0L,
                bench.on(inverse),
                bench.on(sum),
                bench.on(ofSquares),
                rows,
                width);
            bench.launchBlocks(
                SOURCE,
                "store_scales",
                units,
                COUNT,
                128,
                bench.on(out),
                bench.on(sum),
                bench.on(product),
                shape.gamma(),
                width,
                shape.size());
          },
          parts,
          squares,
          sum,
          product,
          ofSquares,
          mean,
          inverse,
          out);
    }
    assertArrayEquals(twinParts, parts);
    assertArrayEquals(twinSquares, squares);
    assertArrayEquals(twinSum, sum);
    assertArrayEquals(twinProduct, product);
    assertArrayEquals(twinMean, mean);
    assertArrayEquals(twinInverse, inverse);
    assertArrayEquals(twinOut, out);
  }

  private static void reduce(
      Bench bench,
      int blocks,
      double[] parts,
      double[] sum,
      double[] product,
      TangentBatchNormTwin.Shape shape) {
    bench.launchBlocks(
        SOURCE,
        "column_reduce",
        blocks,
        COUNT,
        128,
        bench.on(parts),
        bench.on(sum),
        bench.on(product),
        shape.slabs(),
        shape.width());
  }

  @ParameterizedTest
  @CsvSource({"1,1,1,1", "9,11,33,34", "260,270,255,257"})
  void pointsAsTheirTwins(int rows, int capacity, int width, int stride) {
    TangentBatchNormTwin.Shape shape = shape(false, rows, capacity, width, stride);
    float[] a = rows(shape);
    float[] z = rows(shape);
    float[] xhat = rows(shape);
    float[] delta = rows(shape);
    float[] upstream = rows(shape);
    float[] mean = random.normal(COUNT * width, 0, 1);
    float[] inverse = random.normal(COUNT * width, 1, 0.1);
    float[] theta = random.normal(COUNT * shape.thetaStride(), 1, 0.3);
    double[] sum = units(shape);
    double[] product = units(shape);
    float[] twinA = a.clone();
    float[] twinZ = z.clone();
    float[] twinXhat = xhat.clone();
    float[] twinDelta = delta.clone();
    float[] twinUpstream = upstream.clone();
    TangentBatchNormTwin.normalizePoints(shape, twinA, twinZ, twinXhat, mean, inverse, theta);
    TangentBatchNormTwin.normalizePointsBackward(
        shape, twinDelta, twinUpstream, twinXhat, inverse, theta, sum, product);
    try (Bench bench = Bench.open()) {
      long threads = (long) rows * stride;
      bench.runInEveryOrder(
          () -> {
            bench.launch(
                SOURCE,
                "normalize_points",
                threads,
                COUNT,
                bench.on(a),
                bench.on(z),
                bench.on(xhat),
                bench.on(mean),
                bench.on(inverse),
                shape.statistics(),
                bench.on(theta),
                (long) shape.thetaStride(),
                shape.gamma(),
                RELU,
                rows,
                capacity,
                width,
                stride);
            bench.launch(
                SOURCE,
                "normalize_points_backward",
                threads,
                COUNT,
                bench.on(delta),
                bench.on(upstream),
                bench.on(xhat),
                bench.on(inverse),
                shape.statistics(),
                bench.on(theta),
                (long) shape.thetaStride(),
                shape.gamma(),
                bench.on(sum),
                bench.on(product),
                shape.share(),
                rows,
                capacity,
                width,
                stride);
          },
          a,
          z,
          xhat,
          delta,
          upstream);
    }
    assertArrayEquals(twinA, a);
    assertArrayEquals(twinZ, z);
    assertArrayEquals(twinXhat, xhat);
    assertArrayEquals(twinDelta, delta);
    assertArrayEquals(twinUpstream, upstream);
  }

  @ParameterizedTest
  @CsvSource({"1,1,1,1,true,true", "9,11,33,34,false,true", "260,270,255,257,true,false"})
  void tangentsAsTheirTwins(
      int rows, int capacity, int width, int stride, boolean shared, boolean hessian) {
    TangentBatchNormTwin.Shape shape = shape(shared, rows, capacity, width, stride);
    float[] t = rows(shape);
    float[] d = rows(shape);
    float[] u = hessian ? rows(shape) : new float[0];
    float[] unit = rows(shape);
    float[] a = rows(shape);
    float[] xhat = rows(shape);
    float[] upstream = rows(shape);
    float[] inverse = random.normal(COUNT * width, 1, 0.1);
    float[] theta = random.normal(COUNT * (2 * width + 7), 1, 0.3);
    float[] v = random.normal(COUNT * shape.size(), 0, 1);
    double[] sum = units(shape);
    double[] product = units(shape);
    double[] forward = units(shape);
    double[] upstreamSum = units(shape);
    double[] upstreamProduct = units(shape);
    int upstreams = shared ? 0 : width;
    float[] twinT = t.clone();
    float[] twinD = d.clone();
    float[] twinU = u.clone();
    float[] twinUnit = unit.clone();
    TangentBatchNormTwin.tangentNormalize(
        shape,
        twinT,
        hessian ? twinU : null,
        twinUnit,
        a,
        null,
        xhat,
        inverse,
        theta,
        v,
        sum,
        product);
    TangentBatchNormTwin.tangentNormalizeBackward(
        shape,
        twinD,
        hessian ? twinUnit : null,
        upstream,
        xhat,
        inverse,
        theta,
        v,
        sum,
        product,
        forward,
        upstreamSum,
        upstreamProduct,
        upstreams);
    try (Bench bench = Bench.open()) {
      long threads = (long) rows * stride;
      bench.runInEveryOrder(
          () -> {
            bench.launch(
                SOURCE,
                "tangent_normalize",
                threads,
                COUNT,
                bench.on(t),
                hessian ? bench.on(u) : 0L,
                bench.on(unit),
                bench.on(a),
                0L,
                bench.on(xhat),
                (long) shape.point(),
                bench.on(inverse),
                shape.statistics(),
                bench.on(theta),
                (long) shape.thetaStride(),
                bench.on(v),
                shape.size(),
                shape.gamma(),
                bench.on(sum),
                bench.on(product),
                shape.share(),
                RELU,
                rows,
                capacity,
                width,
                stride);
            bench.launch(
                SOURCE,
                "tangent_normalize_backward",
                threads,
                COUNT,
                bench.on(d),
                hessian ? bench.on(unit) : 0L,
                bench.on(upstream),
                bench.on(xhat),
                (long) shape.point(),
                bench.on(inverse),
                shape.statistics(),
                bench.on(theta),
                (long) shape.thetaStride(),
                bench.on(v),
                shape.size(),
                shape.gamma(),
                bench.on(sum),
                bench.on(product),
                bench.on(forward),
                bench.on(upstreamSum),
                bench.on(upstreamProduct),
                upstreams,
                shape.share(),
                rows,
                capacity,
                width,
                stride);
          },
          t,
          d,
          u,
          unit);
    }
    assertArrayEquals(twinT, t);
    assertArrayEquals(twinD, d);
    assertArrayEquals(twinU, u);
    assertArrayEquals(twinUnit, unit);
  }
}
