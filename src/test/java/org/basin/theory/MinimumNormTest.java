package org.basin.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.basin.InvalidInputException;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.junit.jupiter.api.Test;

class MinimumNormTest {
  private static MinimumNormOptions options(double signal, double noise) {
    return new MinimumNormOptions(
        20, List.of(5, 10, 40, 80), signal, noise, 300, 10, List.of(5, 20, 80), 1, 0.999);
  }

  @Test
  void theDefaultsAgree() {
    Measurement measurement =
        MinimumNorm.KIND.measure(MinimumNormOptions.DEFAULTS, new SplittableRandom(1));
    Studies.assertAgrees(measurement);
    Table risk = Studies.table(measurement, "risk");
    double[] predicted = risk.column("predicted");
    double[] limit = risk.column("limit");
    // p = 20 and 80 of n = 40: 0.25 · 20/19 against 0.25; ½ + 0.25 · 40/39 against ½ + 0.25.
    assertEquals(5 / 19.0, predicted[2], 1e-12);
    assertEquals(0.25, limit[2], 1e-12);
    assertEquals(0.5 + 10 / 39.0, predicted[7], 1e-12);
    assertEquals(0.75, limit[7], 1e-12);
  }

  /** Without signal, risk is noise that was fitted; it falls as p grows beyond n. */
  @Test
  void noiseAloneIsForgottenByWideModels() {
    Measurement measurement = MinimumNorm.KIND.measure(options(0, 1), new SplittableRandom(2));
    Studies.assertAgrees(measurement);
    double[] risk = Studies.table(measurement, "risk").column("risk");
    assertTrue(risk[3] < risk[2]);
  }

  @Test
  void aStartKeepsWhatTheDataCannotSee() {
    Measurement measurement = MinimumNorm.KIND.measure(options(1, 0.1), new SplittableRandom(3));
    Table solutions = Studies.table(measurement, "solutions");
    assertEquals(8, solutions.rows().size());
    for (double[] row : solutions.rows()) {
      double start = row[2];
      assertEquals(row[6], row[5], 1e-6);
      if (start == 0) {
        assertEquals(0, row[6], 1e-12);
      } else {
        assertTrue(row[6] > 0.3 && row[6] < 1, "of a start of norm 1, " + row[6] + " is kept");
      }
    }
  }

  @Test
  void theSameSeedGivesTheSame() {
    Studies.assertSame(
        MinimumNorm.KIND.measure(options(1, 0.1), new SplittableRandom(4)),
        MinimumNorm.KIND.measure(options(1, 0.1), new SplittableRandom(4)));
  }

  /** ReLU features of a line or a plane are dependent, however many there are. */
  @Test
  void randomFeaturesNeedInputsEnough() {
    for (int inputs : new int[] {1, 2, 4}) {
      assertThrows(InvalidInputException.class, () -> inputs(40, inputs));
    }
    assertEquals(5, inputs(40, 5).inputs());
    assertThrows(InvalidInputException.class, () -> inputs(10, 2));
  }

  /** Of ten examples each feature is 0 on all with probability 1/1024: among 7,500 some are. */
  @Test
  void featuresThatNoExampleShowsAreDrawnAgain() {
    MinimumNormOptions few =
        new MinimumNormOptions(
            10, List.of(3, 30, 60), 1, 0.25, 500, 10, List.of(5, 10, 40), 1, 0.999);
    Studies.assertAgrees(MinimumNorm.KIND.measure(few, new SplittableRandom(5)));
  }

  private static MinimumNormOptions inputs(int examples, int inputs) {
    return new MinimumNormOptions(
        examples, List.of(3, 80, 90), 1, 1, 10, inputs, List.of(5, examples, 80), 1, 0.999);
  }
}
