package org.basin.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.basin.linalg.Uncertain;
import org.junit.jupiter.api.Test;

/** How a figure goes with width, in words. */
class LandscapeFindingsTest {
  private static final double[] WIDTHS = {8, 16, 32, 64};

  private static String trend(double... values) {
    List<ScalarEstimate> estimates =
        Arrays.stream(values)
            .mapToObj(value -> ScalarEstimate.of(List.of(Uncertain.exact(value))))
            .toList();
    SweepAxis axis = new SweepAxis("model.width", "width", SweepAxis.Scale.LOG);
    return LandscapeFindings.trend(
        "trace", axis, new ScalarCurve(estimates, LogLogSlope.of(WIDTHS, values), null));
  }

  @Test
  void trends() {
    assertEquals("trace rises with width: slope 1.00 (1.00 to 1.00)", trend(8, 16, 32, 64));
    assertEquals(
        "magnitude of trace falls with width: slope −0.50 (−0.50 to −0.50)",
        trend(-8, -8 / Math.sqrt(2), -4, -4 / Math.sqrt(2)));
    assertTrue(trend(1, 9, 1, 3).startsWith("trace has no clear trend with width: slope "));
  }

  /** A slope that is printed as 0.00 is none, however sure. */
  @Test
  void aConstantDoesNotChange() {
    assertEquals(
        "trace does not change with width: slope 0.00 (0.00 to 0.00)",
        trend(1, 1.0001, 1.0002, 1.0003));
    assertEquals(
        "trace does not change with width: slope 0.00 (0.00 to 0.00)", trend(27, 27, 27, 27));
  }
}
