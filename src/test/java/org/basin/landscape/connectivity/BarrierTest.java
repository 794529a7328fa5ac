package org.basin.landscape.connectivity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class BarrierTest {
  private static double[] parabola(int points, double start, double slope, double curvature) {
    return IntStream.range(0, points)
        .mapToDouble(i -> (double) i / (points - 1))
        .map(t -> start + slope * t + curvature * t * (1 - t))
        .toArray();
  }

  /** L = 1 + 2 t + 8 t (1 − t): ends 1 and 3, 2 above the line at ½, 4.125 at most, at t = 5/8. */
  @Test
  void theThreeDefinitionsDifferWhereTheEndsDo() {
    Barrier barrier = Barrier.of(parabola(9, 1, 2, 8), 0);
    assertEquals(2, barrier.aboveLine().value(), 1e-12);
    assertEquals(4.125 - 2, barrier.aboveMean().value(), 1e-12);
    assertEquals(4.125 - 3, barrier.aboveHigherEnd().value(), 1e-12);
    assertEquals(0, barrier.aboveLine().standardError(), 1e-12);
  }

  /** The maximum of a parabola that lies between two points is found by its error exactly. */
  @Test
  void whatThePointsMissIsTheError() {
    Barrier barrier = Barrier.of(parabola(5, 1, 2, 8), 0); // 5/8 is between ½ and ¾
    assertEquals(4 - 3, barrier.aboveHigherEnd().value(), 1e-12);
    assertEquals(0.125, barrier.aboveHigherEnd().standardError(), 1e-12);
  }

  @Test
  void aPathThatFallsHasNone() {
    Barrier barrier = Barrier.of(new double[] {3, 1, 0.5, 0.25, 1}, 1e-6);
    assertEquals(0, barrier.aboveLine().value());
    assertEquals(1, barrier.aboveMean().value(), 1e-12);
    assertEquals(0, barrier.aboveHigherEnd().value());
  }

  @Test
  void whatIsNotFiniteIsNoBarrier() {
    Barrier barrier = Barrier.of(new double[] {1, Double.POSITIVE_INFINITY, 1}, 0);
    assertTrue(Double.isNaN(barrier.aboveLine().value()));
    assertFalse(barrier.aboveLine().converged());
  }
}
