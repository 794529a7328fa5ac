package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.basin.engine.cuda.twin.TangentBatchNormTwin;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * ReLU's arithmetic is the same in both languages: the same bits, behind rows and units too. Items
 * are of one network, of as many, or several of each; the last network has a value that is not a
 * number.
 */
class TangentBatchNormKernelTest {
  private static final String SOURCE = "tangent_batchnorm.cu";
  private static final int RELU = 0;

  private final RandomArrays random = new RandomArrays(16);

  private static TangentBatchNormTwin.Shape shape(
      int networks, int lanes, boolean frozen, int rows, int capacity, int width, int stride) {
    return new TangentBatchNormTwin.Shape(
        networks * lanes,
        networks,
        frozen ? width + 5 : width,
        2 * width + 3,
        2,
        frozen ? 0 : 1.0 / rows,
        RELU,
        rows,
        capacity,
        width,
        stride);
  }

  private float[] rows(TangentBatchNormTwin.Shape shape, int items) {
    return random.normal(items * shape.capacity() * shape.stride(), 0, 1);
  }

  private double[] units(TangentBatchNormTwin.Shape shape, int items) {
    double[] units = new double[items * shape.width()];
    float[] values = random.normal(units.length, 0, 3);
    for (int i = 0; i < units.length; i++) {
      units[i] = values[i];
    }
    return units;
  }

  @ParameterizedTest
  @CsvSource({
    "1,3,257,260,31,32",
    "3,1,1,1,1,1",
    "3,1,600,601,130,131",
    "3,4,9,11,33,34",
    "3,4,258,260,5,8"
  })
  void statisticsAsTheirTwins(
      int networks, int lanes, int rows, int capacity, int width, int stride) {
    TangentBatchNormTwin.Shape shape = shape(networks, lanes, false, rows, capacity, width, stride);
    int count = shape.count();
    int ill = networks - 1;
    float[] z = rows(shape, count);
    z[ill * capacity * stride] = Float.NaN;
    float[] y = rows(shape, networks);
    y[ill * capacity * stride] = Float.NaN;
    float[] upstream = rows(shape, networks);
    float[] unit = rows(shape, count);
    double[] parts = new double[2 * count * shape.slabs() * width];
    double[] squares = parts.clone();
    double[] sum = units(shape, count);
    double[] product = units(shape, count);
    double[] ofSquares = units(shape, count);
    float[] mean = random.normal(count * width, 0, 1);
    float[] inverse = mean.clone();
    float[] out = random.normal(count * shape.size(), 0, 1);

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
                count,
                256,
                bench.on(z),
                bench.on(y),
                bench.on(upstream),
                bench.on(unit),
                networks,
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
                count,
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
                count,
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
                count,
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
                count,
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
    Bench.assertNanOf(ill, count, count, mean);
    Bench.assertNanOf(ill, count, count, inverse);
    Bench.assertNanOf(ill, networks, count, out);
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
        shape.count(),
        128,
        bench.on(parts),
        bench.on(sum),
        bench.on(product),
        shape.slabs(),
        shape.width());
  }

  /** Several points of a network share constant statistics, or have their own batch's. */
  @ParameterizedTest
  @CsvSource({
    "1,4,true,9,11,33,34",
    "1,3,false,9,11,33,34",
    "3,1,false,1,1,1,1",
    "3,1,true,260,270,255,257",
    "3,4,true,9,11,33,34",
    "3,4,false,9,11,33,34"
  })
  void pointsAsTheirTwins(
      int networks, int lanes, boolean frozen, int rows, int capacity, int width, int stride) {
    TangentBatchNormTwin.Shape shape =
        shape(networks, lanes, frozen, rows, capacity, width, stride);
    TangentBatchNormTwin.Shape ofNetworks =
        shape(networks, 1, frozen, rows, capacity, width, stride);
    int count = shape.count();
    int sets = frozen ? networks : count;
    int ill = networks - 1;
    float[] a = rows(shape, count);
    float[] z = rows(shape, count);
    float[] xhat = rows(shape, count);
    float[] delta = rows(shape, networks);
    float[] upstream = rows(shape, networks);
    float[] mean = random.normal(sets * shape.statistics(), 0, 1);
    mean[ill * shape.statistics()] = Float.NaN;
    float[] inverse = random.normal(sets * shape.statistics(), 1, 0.1);
    float[] theta = random.normal(count * shape.size(), 1, 0.3);
    double[] sum = units(shape, networks);
    double[] product = units(shape, networks);
    float[] twinA = a.clone();
    float[] twinZ = z.clone();
    float[] twinXhat = xhat.clone();
    float[] twinDelta = delta.clone();
    float[] twinUpstream = upstream.clone();
    TangentBatchNormTwin.normalizePoints(shape, twinA, twinZ, twinXhat, mean, inverse, sets, theta);
    TangentBatchNormTwin.normalizePointsBackward(
        ofNetworks, twinDelta, twinUpstream, twinXhat, inverse, theta, sum, product);
    try (Bench bench = Bench.open()) {
      long threads = (long) rows * stride;
      bench.runInEveryOrder(
          () -> {
            bench.launch(
                SOURCE,
                "normalize_points",
                threads,
                count,
                bench.on(a),
                bench.on(z),
                bench.on(xhat),
                bench.on(mean),
                bench.on(inverse),
                shape.statistics(),
                sets,
                bench.on(theta),
                shape.size(),
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
                networks,
                bench.on(delta),
                bench.on(upstream),
                bench.on(xhat),
                bench.on(inverse),
                shape.statistics(),
                bench.on(theta),
                shape.size(),
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
    Bench.assertNanOf(ill, sets, count, xhat);
    Bench.assertNanOf(ill, sets, count, a);
    Bench.assertNanOf(ill, networks, networks, delta);
  }

  @ParameterizedTest
  @CsvSource({
    "1,3,false,9,11,33,34,true",
    "1,3,false,260,270,255,257,false",
    "3,1,false,1,1,1,1,true",
    "3,4,false,9,11,33,34,true",
    "3,4,false,9,11,33,34,false",
    "3,4,true,9,11,33,34,true"
  })
  void tangentsAsTheirTwins(
      int networks,
      int lanes,
      boolean frozen,
      int rows,
      int capacity,
      int width,
      int stride,
      boolean hessian) {
    TangentBatchNormTwin.Shape shape =
        shape(networks, lanes, frozen, rows, capacity, width, stride);
    int count = shape.count();
    int ill = networks - 1;
    float[] t = rows(shape, count);
    float[] d = rows(shape, count);
    float[] u = hessian ? rows(shape, count) : new float[0];
    float[] unit = rows(shape, count);
    float[] a = rows(shape, networks);
    float[] xhat = rows(shape, networks);
    float[] upstream = rows(shape, networks);
    float[] inverse = random.normal(networks * shape.statistics(), 1, 0.1);
    inverse[ill * shape.statistics()] = Float.NaN;
    float[] theta = random.normal(networks * shape.size(), 1, 0.3);
    float[] v = random.normal(count * shape.size(), 0, 1);
    double[] sum = units(shape, count);
    double[] product = units(shape, count);
    double[] forward = units(shape, count);
    double[] upstreamSum = units(shape, networks);
    double[] upstreamProduct = units(shape, networks);
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
        upstreamProduct);
    try (Bench bench = Bench.open()) {
      long threads = (long) rows * stride;
      bench.runInEveryOrder(
          () -> {
            bench.launch(
                SOURCE,
                "tangent_normalize",
                threads,
                count,
                bench.on(t),
                hessian ? bench.on(u) : 0L,
                bench.on(unit),
                bench.on(a),
                0L,
                bench.on(xhat),
                networks,
                bench.on(inverse),
                shape.statistics(),
                bench.on(theta),
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
                count,
                bench.on(d),
                hessian ? bench.on(unit) : 0L,
                bench.on(upstream),
                bench.on(xhat),
                networks,
                bench.on(inverse),
                shape.statistics(),
                bench.on(theta),
                bench.on(v),
                shape.size(),
                shape.gamma(),
                bench.on(sum),
                bench.on(product),
                bench.on(forward),
                bench.on(upstreamSum),
                bench.on(upstreamProduct),
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
    Bench.assertNanOf(ill, networks, count, t);
    Bench.assertNanOf(ill, networks, count, d);
  }
}
