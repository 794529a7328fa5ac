package org.basin.engine.cuda;

import org.basin.engine.cuda.twin.BatchNormTwin;
import org.basin.model.Activation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchNormKernelTest {
  private static final int REPLICAS = 3;

  private final RandomArrays random = new RandomArrays(4);

  private static BatchNormTwin.Shape shape(int rows, int capacity, int width, int stride) {
    return new BatchNormTwin.Shape(
        REPLICAS, rows, capacity, width, stride, 2 * width + 9, 4, width + 3, 1);
  }

  private float[] rows(BatchNormTwin.Shape shape) {
    return random.normal(REPLICAS * shape.capacity() * shape.stride(), 1, 2);
  }

  /** ReLU's arithmetic is the same in both languages: the same bits. */
  private static double rounding(Activation activation) {
    return activation == Activation.RELU ? 0 : 1e-6;
  }

  @ParameterizedTest
  @CsvSource({
    "RELU,1,1,1,1",
    "RELU,5,9,33,34",
    "TANH,8,8,31,32",
    "GELU,17,20,65,66",
    "RELU,260,270,255,257"
  })
  void trainingAsItsTwin(Activation activation, int rows, int capacity, int width, int stride) {
    int kind = KernelCodes.of(activation);
    BatchNormTwin.Shape shape = shape(rows, capacity, width, stride);
    float[] a = rows(shape);
    a[(REPLICAS - 1) * capacity * stride] = Float.NaN; // its unit has no numbers, others have
    float[] z = activation == Activation.GELU ? rows(shape) : null;
    float[] xhat = rows(shape);
    float[] delta = rows(shape);
    float[] inverse = random.normal(REPLICAS * width, 0, 1);
    float[] theta = random.normal(REPLICAS * shape.thetaStride(), 1, 0.3);
    float[] gradient = random.normal(REPLICAS * shape.thetaStride(), 1, 0.3);
    float[] mean = random.normal(REPLICAS * shape.statistics(), 0, 1);
    float[] variance = random.normal(REPLICAS * shape.statistics(), 1, 0.1);

    float[] twinA = a.clone();
    float[] twinZ = z == null ? null : z.clone();
    float[] twinXhat = xhat.clone();
    float[] twinDelta = delta.clone();
    float[] twinInverse = inverse.clone();
    float[] twinGradient = gradient.clone();
    float[] twinMean = mean.clone();
    float[] twinVariance = variance.clone();
    BatchNormTwin.normalize(
        shape, twinA, twinZ, twinXhat, twinInverse, theta, twinMean, twinVariance, kind);
    BatchNormTwin.normalizeBackward(
        shape, twinDelta, twinA, twinZ, twinXhat, twinInverse, theta, twinGradient, kind);

    try (Bench bench = Bench.open()) {
      int blocks = Math.ceilDiv(width, 32);
      Bench.Work work =
          () -> {
            bench.launchBlocks(
                "batchnorm.cu",
                "normalize",
                blocks,
                REPLICAS,
                256,
                bench.on(a),
                bench.on(z),
                bench.on(xhat),
                bench.on(inverse),
                bench.on(theta),
                (long) shape.thetaStride(),
                shape.gamma(),
                bench.on(mean),
                bench.on(variance),
                shape.statistics(),
                shape.from(),
                kind,
                rows,
                capacity,
                width,
                stride);
            bench.launchBlocks(
                "batchnorm.cu",
                "normalize_backward",
                blocks,
                REPLICAS,
                256,
                bench.on(delta),
                bench.on(a),
                bench.on(z),
                bench.on(xhat),
                bench.on(inverse),
                bench.on(theta),
                bench.on(gradient),
                (long) shape.thetaStride(),
                shape.gamma(),
                kind,
                rows,
                capacity,
                width,
                stride);
          };
      float[] zOrNothing = z == null ? new float[0] : z;
      bench.runInEveryOrder(work, a, zOrNothing, xhat, inverse, mean, variance, delta, gradient);
      Bench.assertClose(twinZ == null ? zOrNothing : twinZ, zOrNothing, 0, 0);
    }
    double rounding = rounding(activation);
    Bench.assertClose(twinXhat, xhat, 0, 0);
    Bench.assertClose(twinInverse, inverse, 0, 0);
    Bench.assertClose(twinMean, mean, 0, 0);
    Bench.assertClose(twinVariance, variance, 0, 0);
    Bench.assertClose(twinA, a, rounding, 0);
    Bench.assertClose(twinDelta, delta, rounding, 3 * rounding);
    Bench.assertClose(twinGradient, gradient, rounding, rounding * rows);
  }

  @ParameterizedTest
  @CsvSource({"RELU,1,1,1,1", "RELU,5,9,33,34", "GELU,8,8,31,32", "RELU,260,270,255,257"})
  void evaluationAsItsTwin(Activation activation, int rows, int capacity, int width, int stride) {
    int kind = KernelCodes.of(activation);
    BatchNormTwin.Shape shape = shape(rows, capacity, width, stride);
    float[] a = rows(shape);
    a[capacity * stride] = Float.NaN;
    float[] theta = random.normal(REPLICAS * shape.thetaStride(), 1, 0.3);
    float[] mean = random.normal(REPLICAS * shape.statistics(), 0, 1);
    float[] variance = random.normal(REPLICAS * shape.statistics(), 2, 0.1);
    float[] twin = a.clone();
    BatchNormTwin.normalizeEvaluate(shape, twin, theta, mean, variance, kind);
    try (Bench bench = Bench.open()) {
      bench.runInEveryOrder(
          () ->
              bench.launch(
                  "batchnorm.cu",
                  "normalize_evaluate",
                  (long) rows * stride,
                  REPLICAS,
                  bench.on(a),
                  bench.on(theta),
                  (long) shape.thetaStride(),
                  shape.gamma(),
                  bench.on(mean),
                  bench.on(variance),
                  shape.statistics(),
                  shape.from(),
                  kind,
                  rows,
                  capacity,
                  width,
                  stride),
          a);
    }
    Bench.assertClose(twin, a, rounding(activation), 0);
  }
}
