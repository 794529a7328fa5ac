package org.basin.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.DoubleStream;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;
import org.hipparchus.distribution.continuous.TDistribution;
import org.junit.jupiter.api.Test;

class ScalarEstimateTest {

  @Test
  void exactValuesHaveStudentsIntervalOverSeeds() {
    ScalarEstimate estimate = ScalarEstimate.of(exact(1, 2, 3));

    assertEquals(2, estimate.mean().value());
    assertEquals(Estimate.of(1, 2, 3).halfWidth(), estimate.halfWidth(), 1e-12);
    assertEquals(Source.SEEDS, estimate.dominant());
    assertEquals(1, estimate.dominantShare());
  }

  /** s²/k = 1/3 with 2 degrees of freedom, and 1/4 that is known: ν = (7/12)² / ((1/3)² / 2). */
  @Test
  void whatIsCommonToTheSeedsIsAdded() {
    ScalarEstimate estimate =
        ScalarEstimate.of(with(Contribution.known(Source.ROUNDING, 0.5), 1, 2, 3));

    double variance = 1.0 / 3 + 0.25;
    double degrees = variance * variance / (1.0 / 18);
    double quantile = new TDistribution(degrees).inverseCumulativeProbability(0.975);
    assertEquals(quantile * Math.sqrt(variance), estimate.halfWidth(), 1e-9);
    assertEquals((1.0 / 3) / variance, estimate.dominantShare(), 1e-12);
  }

  /** Random vectors are drawn for each seed: their error is in the spread, s²/k = 1/3, already. */
  @Test
  void randomVectorsAreInTheSpreadAlready() {
    ScalarEstimate estimate =
        ScalarEstimate.of(with(new Contribution(Source.PROBES, 0.9, 30), 1, 2, 3));

    assertEquals(Estimate.of(1, 2, 3).halfWidth(), estimate.halfWidth(), 1e-12);
    assertEquals(Source.PROBES, estimate.dominant());
    assertEquals(0.81 / 3 / (1.0 / 3), estimate.dominantShare(), 1e-12);
  }

  @Test
  void whatDidNotConvergeIsInNoMean() {
    ScalarEstimate estimate =
        ScalarEstimate.of(
            List.of(
                Uncertain.exact(1),
                Uncertain.of(100, List.of(), false),
                Uncertain.exact(3),
                Uncertain.exact(Double.NaN)));

    assertEquals(2, estimate.count());
    assertEquals(2, estimate.mean().value());
    assertEquals(1, estimate.notConverged());
    assertEquals(1, estimate.notFinite());
  }

  @Test
  void oneSeedHasItsOwnErrorAndNoInterval() {
    ScalarEstimate estimate = ScalarEstimate.of(with(new Contribution(Source.PROBES, 0.2, 30), 5));

    assertFalse(estimate.hasInterval());
    assertTrue(Double.isNaN(estimate.halfWidth()));
    assertEquals(0.2, estimate.mean().standardError());
    assertEquals(Source.PROBES, estimate.dominant());
  }

  @Test
  void noSeedHasNoMean() {
    ScalarEstimate estimate = ScalarEstimate.of(List.of());

    assertTrue(Double.isNaN(estimate.mean().value()));
    assertNull(estimate.dominant());
  }

  private static List<Uncertain> exact(double... values) {
    return DoubleStream.of(values).mapToObj(Uncertain::exact).toList();
  }

  private static List<Uncertain> with(Contribution part, double... values) {
    return DoubleStream.of(values).mapToObj(v -> Uncertain.of(v, List.of(part), true)).toList();
  }
}
