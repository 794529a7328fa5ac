package org.basin.landscape.saddle;

import static org.basin.measurement.Verdict.DISAGREES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.basin.InvalidSettingException;
import org.basin.data.Examples;
import org.basin.engine.EngineRegistry;
import org.basin.landscape.saddle.NewtonSearch.Verdict;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Comparison;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.Parameterization;
import org.basin.train.LossFunction;
import org.basin.train.ObjectiveEngine;
import org.junit.jupiter.api.Test;

class SaddleProbeTest {
  private static final int HIDDEN = 5;

  private static Examples clouds() {
    SplittableRandom random = new SplittableRandom(2);
    int[] labels = new int[90];
    float[] inputs = new float[labels.length * 4];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = i % 3;
      for (int j = 0; j < 4; j++) {
        inputs[i * 4 + j] = (float) (random.nextGaussian() + (j == labels[i] ? 0.8 : 0));
      }
    }
    return new Examples(inputs, labels, 4, 3);
  }

  private static Measurement measure(SaddleOptions options, LossFunction loss)
      throws InterruptedException {
    MlpSpec spec =
        new MlpSpec(
            4,
            List.of(HIDDEN),
            3,
            Activation.TANH,
            true,
            false,
            Initialization.PYTORCH,
            Parameterization.STANDARD,
            16);
    NetworkState state = Initialization.draw(spec, new SplittableRandom(5));
    try (ObjectiveEngine engine = EngineRegistry.standard().openObjectives("cpu", 1)) {
      return SaddleProbe.KIND
          .open(options)
          .measure(
              LinearNetworkSaddlesTest.subject(spec, loss, clouds(), state, engine),
              new SplittableRandom(7));
    }
  }

  /**
   * Near the origin a tanh network has the saddles whose outputs are the classes' shares whatever
   * the input. With equal shares their loss is log K, and every hidden unit has K − 1 ways out.
   */
  @Test
  void theSaddleOfANetworkThatIgnoresItsInputs() throws InterruptedException {
    SaddleOptions options =
        new SaddleOptions(0, 6, List.of(0.1), List.of(), 60, 100, 1000, 200, 16, 0.999);
    Measurement measured = measure(options, LossFunction.CROSS_ENTROPY);
    Table points = measured.tables().getFirst();
    int checked = 0;
    for (int row = 0; row < points.rows().size(); row++) {
      if (points.column("verdict")[row] == Verdict.CRITICAL.code()) {
        assertEquals(Math.log(3), points.column("loss")[row], 1e-6);
        assertEquals(2 * HIDDEN, points.column("index")[row]);
        assertTrue(points.column("gradientNorm")[row] <= 2 * points.column("gradientFloor")[row]);
        checked++;
      }
    }
    assertTrue(checked >= 3, checked + " critical points");
    SaddleProbe.Details details = (SaddleProbe.Details) measured.details();
    assertTrue(details != null);
    assertEquals(5, details.comparisons().size());
    for (Comparison comparison : details.comparisons()) {
      assertNotEquals(DISAGREES, comparison.verdict(), comparison.toString());
    }
    assertTrue(details.curvatureChange() <= 0.05);
    assertTrue(measured.scalars().get("noiseSteps").converged());
    assertEquals(checked, measured.vectors().get(SaddleProbe.CRITICAL_POINTS).length);
  }

  /** One Newton step from anywhere ends nowhere; nothing is claimed then. */
  @Test
  void whereNothingIsFoundNothingIsClaimed() throws InterruptedException {
    SaddleOptions options =
        new SaddleOptions(1, 1, List.of(1.0), List.of(0.1), 1, 3, 1000, 10, 16, 0.99);
    Measurement measured = measure(options, LossFunction.MSE);
    assertEquals(0, measured.scalars().get("criticalSearches").value());
    assertEquals(3, measured.scalars().get("searches").value());
    for (String name :
        List.of("growthRate", "meanSaddleLoss", "smallestEigenvalue", "indexLossCorrelation")) {
      Uncertain scalar = measured.scalars().get(name);
      assertTrue(Double.isNaN(scalar.value()) && !scalar.converged(), name);
    }
    assertEquals(1, measured.tables().size());
  }

  @Test
  void ranksCorrelateAsSpearmanSays() {
    double[] x = {1, 2, 3, 4, 5, 6};
    assertEquals(1, RankCorrelation.of(x, new double[] {1, 4, 9, 16, 25, 36}, 5).value(), 1e-12);
    // Σ d² = 2 with no ties: 1 − 6 · 2 / (6 · 35).
    Uncertain swapped = RankCorrelation.of(x, new double[] {2, 1, 3, 4, 5, 6}, 5);
    assertEquals(1 - 12.0 / 210, swapped.value(), 1e-12);
    assertTrue(swapped.standardError() > 0);
    assertFalse(RankCorrelation.of(x, new double[6], 5).converged());
    assertFalse(RankCorrelation.of(new double[] {1}, new double[] {1}, 5).converged());
  }

  @Test
  void optionsThatStartNowhereAreRefused() {
    assertThrows(
        InvalidSettingException.class,
        () -> new SaddleOptions(0, 0, List.of(1.0), List.of(), 1, 1, 0, 2, 1, 0.9));
  }
}
