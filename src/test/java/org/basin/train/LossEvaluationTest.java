package org.basin.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LossEvaluationTest {

  @Test
  void equalLogitsCostLogK() {
    LossEvaluation evaluation =
        LossEvaluation.of(LossFunction.CROSS_ENTROPY, new float[8], new int[] {0, 3}, 4, 0);
    assertEquals(Math.log(4), evaluation.loss(), 1e-12);
    assertEquals(0.5, evaluation.error(), 0);
  }

  @Test
  void hugeLogitsNeitherOverflowNorLoseTheLoss() {
    float[] logits = {1000, 0, 0, 1000};
    LossEvaluation evaluation =
        LossEvaluation.of(LossFunction.CROSS_ENTROPY, logits, new int[] {1, 1}, 2, 0);
    assertEquals(500, evaluation.loss(), 1e-9);
  }

  @Test
  void smoothedCrossEntropyIsTheMixtureOfTheLossesOfAllLabels() {
    float[] logits = {0.3f, -1.2f, 2f};
    double mean = 0;
    for (int k = 0; k < 3; k++) {
      mean += crossEntropy(logits, k, 0) / 3;
    }
    assertEquals(0.9 * crossEntropy(logits, 1, 0) + 0.1 * mean, crossEntropy(logits, 1, 0.1), 1e-9);
  }

  private static double crossEntropy(float[] logits, int label, double smoothing) {
    return LossEvaluation.of(
            LossFunction.CROSS_ENTROPY, logits, new int[] {label}, logits.length, smoothing)
        .loss();
  }

  @Test
  void meanSquaredErrorIsTheMeanOverOutputs() {
    float[] logits = {0.5f, 0.5f};
    assertEquals(
        0.25, LossEvaluation.of(LossFunction.MSE, logits, new int[] {0}, 2, 0).loss(), 1e-12);
  }

  @Test
  void notANumberIsALossThatIsNoneAndAnError() {
    float[] logits = {Float.NaN, 0};
    LossEvaluation evaluation =
        LossEvaluation.of(LossFunction.CROSS_ENTROPY, logits, new int[] {0}, 2, 0);
    assertTrue(Double.isNaN(evaluation.loss()));
    assertEquals(1, evaluation.error(), 0);
  }

  @Test
  void smoothedTargets() {
    assertArrayEquals(
        new float[] {0.025f, 0.925f, 0.025f, 0.025f},
        Targets.smoothed(new int[] {1}, 4, 0.1),
        1e-7f);
  }
}
