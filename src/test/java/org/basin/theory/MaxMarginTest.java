package org.basin.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.basin.measurement.Comparison;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.measurement.Verdict;
import org.junit.jupiter.api.Test;

class MaxMarginTest {

  @Test
  void theDefaultsAgree() {
    Measurement measurement =
        MaxMargin.KIND.measure(MaxMarginOptions.DEFAULTS, new SplittableRandom(1));
    Studies.assertAgrees(measurement);
    assertEquals(12, Studies.comparisons(measurement).size());
    assertEquals(-1, measurement.scalars().get("lossSlope").value(), 0.01);
  }

  /**
   * Whatever is drawn: no data set is so flat in a direction that its steps are too short for the
   * limit.
   */
  @Test
  void noPredictionFailsForAnyDraw() {
    for (MaxMarginOptions options :
        List.of(
            new MaxMarginOptions(5, 10, 0.5, 20, 30_000, 4),
            new MaxMarginOptions(2, 10, 0.1, 20, 30_000, 4),
            new MaxMarginOptions(3, 25, 0.8, 20, 30_000, 4),
            new MaxMarginOptions(17, 40, 1.1, 10, 30_000, 4))) {
      for (Comparison comparison :
          Studies.comparisons(MaxMargin.KIND.measure(options, new SplittableRandom(467)))) {
        assertEquals(Verdict.AGREES, comparison.verdict(), options + ": " + comparison);
      }
    }
  }

  /** Two thousand other examples make the steps so short that nothing is near its limit. */
  @Test
  void farFromTheLimitNothingIsDecided() {
    MaxMarginOptions options = new MaxMarginOptions(4, 2_000, 0.5, 1, 10_000, 2);
    for (Comparison comparison :
        Studies.comparisons(MaxMargin.KIND.measure(options, new SplittableRandom(1)))) {
      assertEquals(Verdict.UNDECIDED, comparison.verdict());
      assertTrue(comparison.reason().startsWith("after so few steps"), comparison.reason());
    }
  }

  /** 1/γ per unit of ln t: the slope's limit. */
  @Test
  void theNormGrowsAsTheLogarithmOfTimeOverTheMargin() {
    for (double margin : new double[] {0.5, 1}) {
      MaxMarginOptions options = new MaxMarginOptions(2, 3, margin, 1, 100_000, 4);
      Measurement measurement = MaxMargin.KIND.measure(options, new SplittableRandom(2));
      Studies.assertAgrees(measurement);
      double slope = measurement.scalars().get("normSlope").value();
      assertEquals(1 / margin, slope, 0.05 / margin);
    }
  }

  /** The gaps close, and so slowly that a tenfold time takes no more than a third of them. */
  @Test
  void theMarginComesSlowly() {
    Measurement measurement =
        MaxMargin.KIND.measure(
            new MaxMarginOptions(5, 10, 0.5, 1, 100_000, 1), new SplittableRandom(3));
    Table course = Studies.table(measurement, "course");
    for (String column : new String[] {"marginGap", "directionGap"}) {
      double[] gap = course.column(column);
      for (int i = 2; i < gap.length; i++) {
        assertTrue(gap[i] > 0 && gap[i] < gap[i - 1], column);
      }
      assertTrue(gap[gap.length - 1] > 0.6 * gap[gap.length - 2], column);
    }
  }

  @Test
  void theSameSeedGivesTheSame() {
    MaxMarginOptions options = new MaxMarginOptions(3, 4, 0.5, 2, 10_000, 2);
    Studies.assertSame(
        MaxMargin.KIND.measure(options, new SplittableRandom(4)),
        MaxMargin.KIND.measure(options, new SplittableRandom(4)));
  }
}
