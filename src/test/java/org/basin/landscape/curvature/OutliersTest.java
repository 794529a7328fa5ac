package org.basin.landscape.curvature;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;
import org.junit.jupiter.api.Test;

class OutliersTest {

  private static List<Uncertain> values(double error, double... values) {
    return Arrays.stream(values)
        .mapToObj(
            value -> Uncertain.of(value, List.of(Contribution.known(Source.RESIDUAL, error)), true))
        .toList();
  }

  @Test
  void theLargestRelativeGap() {
    Uncertain three =
        Outliers.count(values(1e-3, 9, 7, 5, 0.5, 0.4, 0.35, 0.3, 0.2), 1e-6, 6, false);
    assertEquals(3, three.value());
    assertTrue(three.converged());
    assertEquals(0, three.standardError());
  }

  @Test
  void aGapBeyondTheMostIsNotLookedFor() {
    Uncertain one = Outliers.count(values(0, 9, 7, 6, 0.01), 1e-6, 2, false);
    assertEquals(1, one.value());
    assertTrue(one.converged());
  }

  @Test
  void noiseIsNoBulk() {
    // The gap down to the floor counts to the floor, not to the noise under it.
    Uncertain found = Outliers.count(values(0, 9, 0.5, 0.2, 1e-12, -1e-3), 0.1, 4, false);
    assertEquals(1, found.value());
    assertTrue(found.converged());
    assertEquals(0, Outliers.count(values(0, 0.05, 0.01), 0.1, 4, false).value());
  }

  @Test
  void allThereAreMayStandAboveTheFloor() {
    Uncertain two = Outliers.count(values(0, 3, 2), 1e-6, 4, true);
    assertEquals(2, two.value());
    assertTrue(two.converged());
  }

  @Test
  void whatErrorsLeaveOpenIsNotConverged() {
    assertTrue(Outliers.count(values(0.01, 8, 4, 1, 0.9), 1e-6, 3, false).converged());
    assertFalse(Outliers.count(values(0.5, 8, 4, 1, 0.9), 1e-6, 3, false).converged());
  }

  @Test
  void tooFewValuesAreNotConverged() {
    Uncertain open = Outliers.count(values(0, 9, 7, 1), 1e-6, 6, false);
    assertEquals(2, open.value());
    assertFalse(open.converged());
  }
}
