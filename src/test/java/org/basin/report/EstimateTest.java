package org.basin.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class EstimateTest {

  /** t_{0.975} is 12.7062 at one and 4.30265 at two degrees of freedom. */
  @Test
  void halfWidthIsStudentsT() {
    Estimate three = Estimate.of(1, 2, 3);
    assertEquals(2, three.mean());
    assertEquals(1, three.standardDeviation(), 1e-15);
    assertEquals(4.302652729911275 / Math.sqrt(3), three.halfWidth(), 1e-9);
    assertEquals(2 - three.halfWidth(), three.low());
    assertEquals(2 + three.halfWidth(), three.high());

    Estimate two = Estimate.of(0, 2);
    assertEquals(12.706204736432095, two.halfWidth(), 1e-8);
  }

  @Test
  void notFiniteIsNotCounted() {
    Estimate estimate = Estimate.of(4, Double.NaN, 6, Double.POSITIVE_INFINITY);
    assertEquals(2, estimate.count());
    assertEquals(5, estimate.mean());
  }

  @Test
  void oneValueHasNoInterval() {
    Estimate estimate = Estimate.of(0.25);
    assertFalse(estimate.hasInterval());
    assertEquals(0.25, estimate.mean());
    assertTrue(Double.isNaN(estimate.halfWidth()));
    assertEquals(0.25, estimate.low());
    assertEquals(0.25, estimate.high());
  }

  @Test
  void noValueHasNoMean() {
    assertEquals(0, Estimate.of().count());
    assertTrue(Double.isNaN(Estimate.of(Double.NaN).mean()));
  }

  @Property(tries = 200, seed = "1")
  void movesWithItsValues(
      @ForAll @Size(min = 2, max = 8) List<@DoubleRange(min = -100, max = 100) Double> given,
      @ForAll @DoubleRange(min = -100, max = 100) double shift) {
    // A list, since a range does not reach the elements of an array.
    double[] values = given.stream().mapToDouble(Double::doubleValue).toArray();
    double[] moved = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      moved[i] = values[i] + shift;
    }
    assertEquals(Estimate.of(values).mean() + shift, Estimate.of(moved).mean(), 1e-9);
    assertEquals(Estimate.of(values).halfWidth(), Estimate.of(moved).halfWidth(), 1e-6);
  }
}
