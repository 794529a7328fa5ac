package org.basin.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class LogLogSlopeTest {
  private static final double[] WIDTHS = {4, 8, 16, 32};

  /** With ln x = 0, 1, 2 and ln y = 0, 1, 3: b = 3/2, Σ r² = 1/6, t_{0.975, 1} = 12.7062. */
  @Test
  void closedForm() {
    LogLogSlope slope =
        LogLogSlope.of(
            new double[] {1, Math.E, Math.exp(2)}, new double[] {1, Math.E, Math.exp(3)});

    assertEquals(3, slope.points());
    assertEquals(1.5, slope.slope(), 1e-12);
    assertEquals(-1.0 / 6, slope.logFactor(), 1e-12);
    assertEquals(12.706204736432095 * Math.sqrt(1.0 / 12), slope.halfWidth(), 1e-8);
    assertFalse(slope.isClear());
  }

  @Property(tries = 100, seed = "1")
  void powerLawHasItsExponent(
      @ForAll @DoubleRange(min = -3, max = 3) double exponent,
      @ForAll @DoubleRange(min = 0.01, max = 100) double factor) {
    double[] y = Arrays.stream(WIDTHS).map(x -> -factor * Math.pow(x, exponent)).toArray();
    LogLogSlope slope = LogLogSlope.of(WIDTHS, y);

    assertEquals(exponent, slope.slope(), 1e-9, "of the magnitude");
    assertEquals(Math.log(factor), slope.logFactor(), 1e-9);
    assertEquals(0, slope.halfWidth(), 1e-6);
  }

  @Test
  void pointsWithoutAValueAreLeftOut() {
    LogLogSlope slope = LogLogSlope.of(WIDTHS, new double[] {4, Double.NaN, 16, 32});

    assertEquals(3, slope.points());
    assertEquals(1, slope.slope(), 1e-12);
    assertTrue(slope.isClear());
  }

  @Test
  void notGivenWhereItMeansNothing() {
    assertEquals(
        LogLogSlope.Missing.TOO_FEW,
        LogLogSlope.of(WIDTHS, new double[] {1, Double.NaN, 2, Double.NaN}).missing());
    assertEquals(
        LogLogSlope.Missing.SIGN_CHANGES,
        LogLogSlope.of(WIDTHS, new double[] {1, 2, -3, 4}).missing());
    assertEquals(
        LogLogSlope.Missing.SIGN_CHANGES,
        LogLogSlope.of(WIDTHS, new double[] {1, 2, 0, 4}).missing());
    LogLogSlope none = LogLogSlope.of(new double[] {0, 1, 2}, new double[] {1, 2, 3});
    assertEquals(LogLogSlope.Missing.NO_LOG_AXIS, none.missing());
    assertTrue(Double.isNaN(none.slope()));
  }
}
