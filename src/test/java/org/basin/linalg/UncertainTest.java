package org.basin.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.basin.InvalidInputException;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;
import org.junit.jupiter.api.Test;

class UncertainTest {

  /** t_{0.975} is 4.30265 at two degrees of freedom. */
  @Test
  void meanOfDraws() {
    Uncertain mean = Uncertain.mean(new double[] {1, 2, 3}, Source.PROBES);
    assertEquals(2, mean.value());
    assertEquals(1 / Math.sqrt(3), mean.standardError(), 1e-15);
    assertEquals(4.302652729911275 / Math.sqrt(3), mean.halfWidth(0.95), 1e-8);
    assertTrue(mean.converged());
    assertEquals(List.of(new Contribution(Source.PROBES, mean.standardError(), 2)), mean.sources());
  }

  @Test
  void independentSourcesAddTheirSquares() {
    Uncertain value =
        Uncertain.of(
            7,
            List.of(Contribution.known(Source.RESIDUAL, 3), Contribution.known(Source.ROUNDING, 4)),
            false);
    assertEquals(5, value.standardError());
    assertEquals(5 * 1.959964, value.halfWidth(0.95), 1e-4);
    Uncertain twice = value.times(-2);
    assertEquals(-14, twice.value());
    assertEquals(10, twice.standardError());
    assertEquals(-13, twice.plus(1).value());
    assertEquals(false, twice.plus(1).converged());
  }

  /** ν = s⁴ / (s_1⁴ / ν_1): half the variance known, so four times the degrees of freedom. */
  @Test
  void degreesOfFreedomAfterWelch() {
    Uncertain value =
        Uncertain.of(
            0,
            List.of(
                new Contribution(Source.PROBES, 1, 2), Contribution.known(Source.QUADRATURE, 1)),
            true);
    double quantile = 2.306004; // at eight
    assertEquals(quantile * Math.sqrt(2), value.halfWidth(0.95), 1e-5);
  }

  @Test
  void exactHasNoWidth() {
    assertEquals(0, Uncertain.exact(3).halfWidth(0.99));
  }

  @Test
  void whatCannotBe() {
    assertThrows(
        InvalidInputException.class, () -> Uncertain.mean(new double[] {1}, Source.PROBES));
    assertThrows(InvalidInputException.class, () -> Contribution.known(Source.PROBES, -1));
    assertThrows(InvalidInputException.class, () -> Contribution.known(Source.PROBES, Double.NaN));
    assertThrows(InvalidInputException.class, () -> Uncertain.exact(3).halfWidth(1));
  }
}
