package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.basin.engine.cuda.twin.LossTwin;
import org.basin.train.LossFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LossKernelTest {
  private static final int REPLICAS = 3;
  private static final float[] SMOOTHING = {0, 0.1f, 0.3f};

  private static float[] outputs(int rows, int capacity, int classes, int stride) {
    float[] f = new RandomArrays(6).normal(REPLICAS * capacity * stride, 0, 4);
    // One replica has diverged; one only says that a class is impossible.
    f[(capacity + rows / 2) * stride + classes - 1] = Float.NaN;
    f[(capacity + rows - 1) * stride] = Float.POSITIVE_INFINITY;
    f[(rows - 1) * stride + classes - 1] = classes == 1 ? 0 : Float.NEGATIVE_INFINITY;
    return f;
  }

  @ParameterizedTest
  @CsvSource({
    "CROSS_ENTROPY,1,1,1,1",
    "CROSS_ENTROPY,129,131,10,11",
    "MSE,5,7,3,3",
    "MSE,300,300,1,2",
    "CROSS_ENTROPY,700,701,33,40"
  })
  void derivativeAsItsTwin(LossFunction loss, int rows, int capacity, int classes, int stride) {
    int kind = KernelCodes.of(loss);
    float[] f = outputs(rows, capacity, classes, stride);
    int[] y = new RandomArrays(7).below(classes, REPLICAS * capacity);
    float[] twin = f.clone();
    LossTwin.lossDerivative(twin, y, SMOOTHING, kind, REPLICAS, rows, capacity, classes, stride);
    try (Bench bench = Bench.open()) {
      bench.runInEveryOrder(
          () ->
              bench.launchBlocks(
                  "loss.cu",
                  "loss_derivative",
                  Math.ceilDiv(rows, 128),
                  REPLICAS,
                  128,
                  bench.on(f),
                  bench.on(y),
                  bench.on(SMOOTHING),
                  kind,
                  rows,
                  capacity,
                  classes,
                  stride),
          f);
    }
    boolean exact = loss == LossFunction.MSE;
    Bench.assertClose(twin, f, exact ? 0 : 1e-6, exact ? 0 : 5e-7 / rows);
  }

  @ParameterizedTest
  @CsvSource({
    "CROSS_ENTROPY,1,1,1,1,0",
    "CROSS_ENTROPY,257,300,10,11,4",
    "MSE,5,7,3,3,1",
    "MSE,1023,1024,4,5,0",
    "CROSS_ENTROPY,700,701,33,40,9"
  })
  void sumsAsTheirTwin(
      LossFunction loss, int rows, int capacity, int classes, int stride, int first) {
    int kind = KernelCodes.of(loss);
    float[] f = outputs(rows, capacity, classes, stride);
    int[][] labels = new int[REPLICAS][];
    RandomArrays random = new RandomArrays(8);
    for (int r = 0; r < REPLICAS; r++) {
      labels[r] = random.below(classes, first + rows);
      labels[r][first + rows - 1] = 0;
    }
    for (float[] smoothing : new float[][] {SMOOTHING, null}) {
      double[] sums = {1, 2, 3, 4, 5, 6}; // of the rows before
      double[] twin = sums.clone();
      LossTwin.lossSums(
          f, labels, smoothing, twin, kind, REPLICAS, first, rows, capacity, classes, stride);
      try (Bench bench = Bench.open()) {
        bench.runInEveryOrder(
            () ->
                bench.launchBlocks(
                    "loss.cu",
                    "loss_sums",
                    1,
                    REPLICAS,
                    256,
                    bench.on(f),
                    bench.onEach(labels),
                    bench.on(smoothing),
                    bench.on(sums),
                    kind,
                    first,
                    rows,
                    capacity,
                    classes,
                    stride),
            sums);
      }
      for (int i = 0; i < sums.length; i++) {
        double rounding = i == 2 ? 0 : Math.abs(twin[i]) * 1e-13; // the diverged one's is NaN
        assertEquals(twin[i], sums[i], rounding, "sum " + i);
      }
      assertEquals(Double.NaN, sums[2]);
      assertTrue(Double.isFinite(sums[4]), "loss of a replica that has not diverged");
      assertEquals(loss == LossFunction.CROSS_ENTROPY || classes == 1, Double.isFinite(sums[0]));
    }
  }
}
