package org.basin.engine.cuda.twin;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.basin.train.LossEvaluation;
import org.basin.train.LossFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against the losses in double precision, and against finite differences. */
class ObjectiveTwinTest {
  private static final LossFunction[] FUNCTIONS = {LossFunction.CROSS_ENTROPY, LossFunction.MSE};

  private final Random random = new Random(12);

  private float[] normal(int count, double deviation) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return values;
  }

  private static ObjectiveTwin.Shape shape(int kind, int rows, int classes, double smoothing) {
    return new ObjectiveTwin.Shape(
        1,
        1,
        rows,
        kind,
        1 - smoothing + smoothing / classes,
        smoothing / classes,
        kind == LossTwin.MSE ? 2.0 / classes / rows : 1.0 / rows,
        rows,
        rows,
        classes,
        classes);
  }

  /** Derivatives of the mean loss; f receives softmax. */
  private static float[] derivatives(ObjectiveTwin.Shape shape, float[] f, int[] labels) {
    float[] delta = new float[f.length];
    ObjectiveTwin.objectiveLoss(shape, f, delta, labels, new double[shape.blocks()]);
    return delta;
  }

  @ParameterizedTest
  @CsvSource({"0,1,2,0", "0,300,3,0.1", "0,129,10,0", "1,1,1,0", "1,300,3,0.25"})
  void lossGradientAndCurvature(int kind, int rows, int classes, double smoothing) {
    ObjectiveTwin.Shape shape = shape(kind, rows, classes, smoothing);
    float[] f = normal(rows * classes, 2);
    int[] labels = random.ints(rows, 0, classes).toArray();
    double[] parts = new double[shape.blocks()];
    ObjectiveTwin.objectiveLoss(shape, f, null, labels, parts);
    double[] sums = {5};
    ObjectiveTwin.objectiveSum(parts, sums, shape.blocks(), true);
    LossEvaluation exact = LossEvaluation.of(FUNCTIONS[kind], f, labels, classes, smoothing);
    assertEquals(exact.loss(), (sums[0] - 5) / rows, 2e-7 * (1 + exact.loss()));

    float[] softmax = f.clone();
    float[] delta = derivatives(shape, softmax, labels);
    float[] expected = f.clone();
    LossTwin.lossDerivative(
        expected, labels, new float[] {(float) smoothing}, kind, 1, rows, rows, classes, classes);
    assertArrayEquals(expected, delta, 3e-7f / rows * (kind == LossTwin.MSE ? 10 : 1));

    float[] t = normal(f.length, 1);
    float[] product = t.clone();
    ObjectiveTwin.objectiveCurvature(shape, product, softmax, labels);
    float h = 0x1p-7f;
    float[] before = f.clone();
    float[] after = f.clone();
    for (int i = 0; i < f.length; i++) {
      before[i] -= h * t[i];
      after[i] += h * t[i];
    }
    float[] lower = derivatives(shape, before, labels);
    float[] upper = derivatives(shape, after, labels);
    for (int i = 0; i < f.length; i++) {
      assertEquals((upper[i] - lower[i]) / (2 * h), product[i], 2e-4 / rows);
    }
  }

  @Test
  void derivativesKeepTheirDigitsWhereTheClassIsSure() {
    // 1 - p = exp(-20) is less than a float can tell from 1.
    float[] f = {20, 0};
    ObjectiveTwin.Shape shape = shape(LossTwin.CROSS_ENTROPY, 1, 2, 0);
    float[] delta = derivatives(shape, f, new int[] {0});
    assertEquals(-Math.exp(-20), delta[0], 1e-15);
    float[] t = {1, 0};
    ObjectiveTwin.objectiveCurvature(shape, t, f, new int[] {0});
    assertEquals(Math.exp(-20), t[0], 1e-15);
    assertEquals(-Math.exp(-20), t[1], 1e-15);
  }

  @Test
  void anImpossibleClassThatIsNotTheLabelCostsNothing() {
    float[] f = {1, Float.NEGATIVE_INFINITY};
    double[] parts = new double[1];
    ObjectiveTwin.Shape shape = shape(LossTwin.CROSS_ENTROPY, 1, 2, 0);
    ObjectiveTwin.objectiveLoss(shape, f, null, new int[] {0}, parts);
    assertEquals(0, parts[0]);
    f[0] = Float.NaN;
    ObjectiveTwin.objectiveLoss(shape, f, null, new int[] {0}, parts);
    assertEquals(Double.NaN, parts[0]);
  }

  /** Where p = (1/2, 1/2), the Hessian is [[1, -1], [-1, 1]] / 4; where p = (1, 0), it is zero. */
  @Test
  void itemsAreOfTheNetworksInTurn() {
    ObjectiveTwin.Shape shape =
        new ObjectiveTwin.Shape(4, 2, 3, LossTwin.CROSS_ENTROPY, 1, 0, 1, 1, 1, 2, 2);
    int[] labels = {0, -1, -1, 1, -1, -1}; // an example of three
    float[] f = {0, 0, 0, 0, 0, 3, 0, 3};
    float[] delta = new float[8];
    double[] parts = new double[4];
    ObjectiveTwin.objectiveLoss(shape, f, delta, labels, parts);
    double other = Math.log1p(Math.exp(3));
    assertArrayEquals(new double[] {Math.log(2), Math.log(2), other, other - 3}, parts, 1e-6);
    float p = (float) (1 / (1 + Math.exp(-3)));
    assertArrayEquals(new float[] {-0.5f, 0.5f, 0.5f, -0.5f, -p, p, 1 - p, p - 1}, delta, 1e-6f);

    float[] t = {4, 0, 4, 0, 0, 8, 0, 8};
    ObjectiveTwin.objectiveCurvature(shape, t, new float[] {0.5f, 0.5f, 1, 0}, labels);
    assertArrayEquals(new float[] {1, -1, 0, 0, -2, 2, 0, 0}, t, 1e-7f);
  }

  @Test
  void vectorsAreAddedInDoublePrecision() {
    double[] total = {1, 2, 3, 4};
    ObjectiveTwin.accumulate(total, new float[] {1, 1, 1, 1}, true);
    ObjectiveTwin.penalize(total, new float[] {1, 2, 3, 4}, 10, 2, 1, 1, 2);
    assertArrayEquals(new double[] {2, 23, 4, 45}, total);
    ObjectiveTwin.accumulate(total, new float[] {0, 1, 0, 1}, false);
    assertArrayEquals(new double[] {0, 1, 0, 1}, total);
  }
}
