package org.basin.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.SplittableRandom;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.junit.jupiter.api.Test;

class MonkeyEscapeTest {
  private static final MonkeyEscapeOptions DEFAULTS = MonkeyEscapeOptions.DEFAULTS;

  @Test
  void timeIsAPowerOfTheDistance() {
    Measurement measurement = MonkeyEscape.measure(DEFAULTS, new SplittableRandom(1));
    Studies.assertAgrees(measurement);
    assertTrue(measurement.scalars().get("strictSlope").value() < 0.3);
    Table monkey = Studies.table(measurement, "monkey");
    double[] steps = monkey.column("valleySteps");
    double[] starts = monkey.column("start");
    for (int i = 0; i < steps.length; i++) {
      assertEquals(1 / (0.3 * starts[i]), steps[i], 0.03 * steps[i]);
      assertTrue(steps[i] >= monkey.column("valleyLeast")[i] - 1e-6);
      assertTrue(steps[i] <= monkey.column("valleyMost")[i] + 1e-6);
    }
  }

  /** A third of all directions leads into each valley, by the symmetry of the saddle. */
  @Test
  void directionsAreAlikeUnderAThirdOfATurn() {
    MonkeySaddle saddle = new MonkeySaddle();
    double[] one = {-1e-2, 3e-3};
    double turn = 2 * Math.PI / 3;
    double[] other = {
      one[0] * Math.cos(turn) - one[1] * Math.sin(turn),
      one[0] * Math.sin(turn) + one[1] * Math.cos(turn)
    };
    assertEquals(steps(saddle, one), steps(saddle, other));
  }

  private static int steps(MonkeySaddle saddle, double[] x) {
    return EscapeTimes.run(
        GradientDescent.exact(saddle, 0.1), x, at -> Math.hypot(at[0], at[1]) > 0.3, 10_000);
  }

  @Test
  void cutOffRunsLeaveNoSlope() {
    MonkeyEscapeOptions brief = new MonkeyEscapeOptions(0.1, 0.3, DEFAULTS.starts(), 20, 1000, 0.9);
    Measurement measurement = MonkeyEscape.measure(brief, new SplittableRandom(2));
    assertEquals(Set.of("slopePredicted"), measurement.scalars().keySet());
    assertTrue(Studies.table(measurement, "monkey").column("censored")[0] > 0);
  }
}
