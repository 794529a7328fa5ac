package org.basin.engine.cuda.twin;

import static org.basin.engine.cuda.twin.LossTwin.CROSS_ENTROPY;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.basin.train.LossEvaluation;
import org.basin.train.LossFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LossTwinTest {
  private static final LossFunction[] FUNCTIONS = {LossFunction.CROSS_ENTROPY, LossFunction.MSE};

  private static float[] normal(int count, double scale, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (scale * random.nextGaussian());
    }
    return values;
  }

  private static int[] labels(int count, int classes) {
    int[] labels = new int[count];
    Arrays.setAll(labels, i -> (i * 7 + i / 3) % classes);
    return labels;
  }

  private static double loss(int kind, float[] f, int[] labels, int classes, double smoothing) {
    return LossEvaluation.of(FUNCTIONS[kind], f, labels, classes, smoothing).loss();
  }

  @ParameterizedTest
  @CsvSource({"0,1,2,0", "0,300,3,0.1", "0,513,10,0", "1,1,1,0", "1,300,3,0.25", "1,7,11,0"})
  void sumsAreThoseOfTheEvaluation(int kind, int rows, int classes, float smoothing) {
    float[] f = normal(rows * classes, 4, 1);
    int[] labels = labels(rows, classes);
    double[] sums = {10, 20};
    LossTwin.lossSums(
        f,
        new int[][] {labels},
        new float[] {smoothing},
        sums,
        kind,
        1,
        0,
        rows,
        rows,
        classes,
        classes);
    LossEvaluation expected = LossEvaluation.of(FUNCTIONS[kind], f, labels, classes, smoothing);
    assertEquals(expected.loss() * rows, sums[0] - 10, 1e-12 * rows);
    assertEquals(expected.error() * rows, sums[1] - 20, 1e-9);
  }

  @ParameterizedTest
  @CsvSource({"0,1,2,0", "0,5,3,0.1", "0,3,10,0", "1,1,1,0", "1,4,3,0.25"})
  void derivativesAreThoseOfTheEvaluation(int kind, int rows, int classes, float smoothing) {
    float[] f = normal(rows * classes, 2, 2);
    int[] labels = labels(rows, classes);
    float[] derivative = f.clone();
    LossTwin.lossDerivative(
        derivative, labels, new float[] {smoothing}, kind, 1, rows, rows, classes, classes);
    float h = 0x1p-8f;
    for (int i = 0; i < f.length; i++) {
      float[] before = f.clone();
      float[] after = f.clone();
      before[i] -= h;
      after[i] += h;
      double slope =
          (loss(kind, after, labels, classes, smoothing)
                  - loss(kind, before, labels, classes, smoothing))
              / ((double) after[i] - before[i]);
      assertEquals(slope, derivative[i], 3e-6);
    }
  }

  @Test
  void hugeOutputsHaveExactDerivatives() {
    float[] f = {1000, -1000, 0, -1000, 0, 1000};
    LossTwin.lossDerivative(f, new int[] {0, 1}, new float[] {0}, CROSS_ENTROPY, 1, 2, 2, 3, 3);
    float[] expected = {0, 0, 0, 0, -0.5f, 0.5f};
    for (int i = 0; i < f.length; i++) {
      assertEquals(expected[i], f[i], 0, "output " + i);
    }
  }

  /** One row of outputs, and what the evaluation says of it. */
  @ParameterizedTest
  @ValueSource(strings = {"NaN,1,2", "1,NaN,2", "Infinity,0,0", "0,-Infinity,1", "0,1,-Infinity"})
  void notANumberAndInfinityAreThoseOfTheEvaluation(String outputs) {
    String[] parts = outputs.split(",", -1);
    float[] f = new float[3];
    for (int k = 0; k < 3; k++) {
      f[k] = Float.parseFloat(parts[k]);
    }
    for (int kind = 0; kind < 2; kind++) {
      for (int label = 0; label < 3; label++) {
        double[] sums = new double[2];
        int[] labels = {label};
        LossTwin.lossSums(f, new int[][] {labels}, null, sums, kind, 1, 0, 1, 1, 3, 3);
        LossEvaluation expected = LossEvaluation.of(FUNCTIONS[kind], f, labels, 3, 0);
        assertEquals(expected.loss(), sums[0], 1e-12);
        assertEquals(expected.error(), sums[1]);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void aRowWithoutANumberHasNoDerivative(int where) {
    float[] f = {1, 2, 3, 1, 2, 3};
    f[where] = Float.NaN;
    LossTwin.lossDerivative(f, new int[] {0, 1}, new float[] {0}, CROSS_ENTROPY, 1, 2, 2, 3, 3);
    for (int k = 0; k < 3; k++) {
      assertEquals(Float.NaN, f[k]);
    }
    assertEquals(0, f[3] + f[4] + f[5], 1e-7);
  }
}
