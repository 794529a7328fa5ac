package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.basin.engine.cuda.twin.ObjectiveTwin;
import org.basin.train.LossFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObjectiveKernelTest {
  private static final int COUNT = 3;

  private final RandomArrays random = new RandomArrays(14);

  private static ObjectiveTwin.Shape shape(
      int networks,
      int lanes,
      LossFunction loss,
      double smoothing,
      int rows,
      int capacity,
      int classes,
      int stride) {
    return new ObjectiveTwin.Shape(
        networks * lanes,
        networks,
        rows + 3,
        KernelCodes.of(loss),
        1 - smoothing + smoothing / classes,
        smoothing / classes,
        loss == LossFunction.MSE ? 2.0 / classes / 1000 : 1.0 / 1000,
        rows,
        capacity,
        classes,
        stride);
  }

  /** An output of the last network's first point is not a number. */
  @ParameterizedTest
  @CsvSource({
    "1,3,CROSS_ENTROPY,0,1,1,1,1",
    "1,4,CROSS_ENTROPY,0,700,701,33,40",
    "1,3,MSE,0,300,300,1,2",
    "3,1,CROSS_ENTROPY,0.1,129,131,10,11",
    "3,1,MSE,0.2,5,7,3,3",
    "3,4,CROSS_ENTROPY,0.1,131,133,5,6",
    "3,4,MSE,0.1,9,11,4,5"
  })
  void lossAndSumAndCurvatureAsTheirTwins(
      int networks,
      int lanes,
      LossFunction loss,
      double smoothing,
      int rows,
      int capacity,
      int classes,
      int stride) {
    ObjectiveTwin.Shape shape =
        shape(networks, lanes, loss, smoothing, rows, capacity, classes, stride);
    int count = shape.count();
    int ill = networks - 1;
    int size = count * capacity * stride;
    float[] f = random.normal(size, 0, 4);
    f[(rows - 1) * stride + classes - 1] = classes == 1 ? 0 : Float.NEGATIVE_INFINITY;
    f[(ill * capacity + rows / 2) * stride] = Float.NaN;
    float[] delta = random.normal(size, 0, 1);
    float[] t = random.normal(size, 0, 1);
    int[] labels = random.below(classes, networks * shape.examples());
    labels[rows - 1] = 0;
    double[] parts = new double[count * shape.blocks()];
    double[] sums = new double[count];
    Arrays.setAll(sums, i -> i + 1);
    float[] firstF = f.clone();
    float[] firstDelta = delta.clone();
    float[] firstT = t.clone();

    float[] twinF = f.clone();
    float[] twinDelta = delta.clone();
    float[] twinT = t.clone();
    double[] twinParts = parts.clone();
    double[] twinSums = sums.clone();
    ObjectiveTwin.objectiveLoss(shape, twinF, twinDelta, labels, twinParts);
    ObjectiveTwin.objectiveSum(twinParts, twinSums, shape.blocks(), true);
    ObjectiveTwin.objectiveCurvature(shape, twinT, twinF, labels);

    try (Bench bench = Bench.open()) {
      bench.runInEveryOrder(
          () -> {
            bench.launchBlocks(
                "objective.cu",
                "objective_loss",
                shape.blocks(),
                count,
                128,
                bench.on(f),
                bench.on(delta),
                bench.on(labels),
                networks,
                shape.examples(),
                bench.on(parts),
                shape.kind(),
                shape.on(),
                shape.off(),
                shape.share(),
                rows,
                capacity,
                classes,
                stride);
            bench.launchBlocks(
                "objective.cu",
                "objective_sum",
                1,
                count,
                256,
                bench.on(parts),
                bench.on(sums),
                shape.blocks(),
                1);
            bench.launchBlocks(
                "objective.cu",
                "objective_curvature",
                shape.blocks(),
                count,
                128,
                bench.on(t),
                bench.on(f),
                networks,
                bench.on(labels),
                shape.examples(),
                shape.kind(),
                shape.share(),
                rows,
                capacity,
                classes,
                stride);
          },
          f,
          delta,
          t,
          parts,
          sums);
    }
    double rounding = loss == LossFunction.MSE ? 0 : 1e-6;
    Bench.assertClose(twinF, f, rounding, 0);
    Bench.assertClose(twinDelta, delta, rounding, 1e-3 * rounding);
    Bench.assertClose(twinT, t, rounding, 1e-2 * rounding);
    Bench.assertPaddingKept(firstF, f, rows, capacity, classes, stride);
    Bench.assertPaddingKept(firstDelta, delta, rows, capacity, classes, stride);
    Bench.assertPaddingKept(firstT, t, rows, capacity, classes, stride);
    for (int r = 0; r < count; r++) {
      boolean diverged = r == ill;
      assertEquals(diverged, Double.isNaN(sums[r]));
      assertEquals(twinSums[r], sums[r], diverged ? 0 : 1e-6 * Math.abs(twinSums[r]));
    }
    if (classes > 1) { // the derivative of the softmax of one class is zero
      Bench.assertNanOf(ill, count, count, delta);
    }
    if (loss == LossFunction.CROSS_ENTROPY) {
      Bench.assertNanOf(ill, networks, count, t);
    }
  }

  /** Where p adds up to one, the product is the same for any label; here it tells whose is read. */
  @ParameterizedTest
  @CsvSource({"1,4", "3,1", "3,4"})
  void curvatureHasTheBitsOfItsTwin(int networks, int lanes) {
    ObjectiveTwin.Shape shape =
        shape(networks, lanes, LossFunction.CROSS_ENTROPY, 0, 131, 133, 5, 6);
    float[] p = random.normal(networks * 133 * 6, 0.2, 0.05);
    float[] t = random.normal(shape.count() * 133 * 6, 0, 1);
    int[] labels = random.below(5, networks * shape.examples());
    float[] twinT = t.clone();
    ObjectiveTwin.objectiveCurvature(shape, twinT, p, labels);
    try (Bench bench = Bench.open()) {
      bench.runInEveryOrder(
          () ->
              bench.launchBlocks(
                  "objective.cu",
                  "objective_curvature",
                  shape.blocks(),
                  shape.count(),
                  128,
                  bench.on(t),
                  bench.on(p),
                  networks,
                  bench.on(labels),
                  shape.examples(),
                  shape.kind(),
                  shape.share(),
                  131,
                  133,
                  5,
                  6),
          t);
    }
    assertArrayEquals(twinT, t);
  }

  @Test
  void vectorsAsTheirTwins() {
    int size = 70_001;
    int from = 5;
    int count = 69_990;
    float[] part = random.normal(COUNT * size, 0, 1);
    part[size] = Float.NaN;
    double[] total = new double[COUNT * size];
    Arrays.setAll(total, i -> 1e-9 * i);
    float[] out = new float[COUNT * size];
    double[] twinTotal = total.clone();
    float[] twinOut = out.clone();
    ObjectiveTwin.accumulate(twinTotal, part, true);
    ObjectiveTwin.penalize(twinTotal, part, 0.25, COUNT, from, count, size);
    ObjectiveTwin.narrow(twinOut, twinTotal);
    try (Bench bench = Bench.open()) {
      bench.runInEveryOrder(
          () -> {
            bench.launch(
                "objective.cu",
                "accumulate",
                size,
                COUNT,
                bench.on(total),
                bench.on(part),
                size,
                1);
            bench.launch(
                "objective.cu",
                "penalize",
                count,
                COUNT,
                bench.on(total),
                bench.on(part),
                0.25,
                from,
                count,
                size);
            bench.launch(
                "objective.cu", "narrow", size, COUNT, bench.on(out), bench.on(total), size);
          },
          total,
          out);
    }
    assertArrayEquals(twinTotal, total);
    assertArrayEquals(twinOut, out);
  }
}
