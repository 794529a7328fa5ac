package org.basin.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PeakTest {

  @Test
  void publishedDoubleDescentPeaksAt47() {
    List<Estimate> testError = new ArrayList<>();
    for (double[] row : SyntheticRuns.DOUBLE_DESCENT) {
      testError.add(Estimate.of(row[3]));
    }
    Peak peak = Peak.find(testError);
    assertEquals(new Peak(7, 11, 18), peak, "falls to width 16, peaks at 47, falls to 300");
  }

  @Test
  void monotoneCurveHasNone() {
    assertNull(Peak.find(curve(5, 4, 3, 2, 1)));
    assertNull(Peak.find(curve(1, 2, 3)));
    assertNull(Peak.find(curve(3, 1, 2)));
  }

  @Test
  void theFirstDescentIsNotThePeak() {
    assertEquals(new Peak(1, 2, 3), Peak.find(curve(100, 1, 5, 2)));
  }

  @Test
  void riseWithinTheIntervalsIsNoPeak() {
    // Half-width of {9, 11} is 12.7: far wider than the rise.
    assertNull(Peak.find(List.of(Estimate.of(4, 6), Estimate.of(9, 11), Estimate.of(4, 6))));
    assertEquals(
        new Peak(0, 1, 2),
        Peak.find(
            List.of(Estimate.of(4.99, 5.01), Estimate.of(9.99, 10.01), Estimate.of(4.99, 5.01))));
  }

  @Test
  void smallRiseOfOneSeedIsNoPeak() {
    assertNull(Peak.find(curve(1.00, 1.04, 1.00)));
    assertEquals(new Peak(0, 1, 2), Peak.find(curve(1.00, 1.06, 1.00)));
  }

  @Test
  void pointsWithoutValuesArePassedOver() {
    assertEquals(
        new Peak(0, 2, 4),
        Peak.find(
            List.of(Estimate.of(1), Estimate.of(), Estimate.of(5), Estimate.of(), Estimate.of(2))));
  }

  private static List<Estimate> curve(double... means) {
    List<Estimate> curve = new ArrayList<>();
    for (double mean : means) {
      curve.add(Estimate.of(mean));
    }
    return curve;
  }
}
