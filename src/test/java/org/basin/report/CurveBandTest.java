package org.basin.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CurveBandTest {

  @Test
  void meanIsWhereAllCurvesAre() {
    CurveBand band =
        CurveBand.of(
            List.of(
                curve(new double[] {0, 1, 2}, 1, 2, 3), curve(new double[] {1, 2, 3}, 4, 5, 6)));

    assertArrayEquals(new double[] {1, 2}, band.x());
    assertEquals(Estimate.of(2, 4), band.y().getFirst());
    assertEquals(Estimate.of(3, 5), band.y().getLast());
  }

  @Test
  void whatDidNotConvergeIsOpenAndInNoMean() {
    CurveBand band =
        CurveBand.of(
            List.of(
                new Curve(new double[] {1}, new double[] {90}, new boolean[] {false}),
                curve(new double[] {1}, 2),
                curve(new double[] {1}, 4)));

    assertEquals(Estimate.of(2, 4), band.y().getFirst());
    assertArrayEquals(new double[] {1, 90}, band.open().getFirst());
  }

  /** A mean over those seeds that happen to be finite would be of something else. */
  @Test
  void whereOneIsNotFiniteThereIsNoMean() {
    CurveBand band =
        CurveBand.of(
            List.of(
                curve(new double[] {0, 1}, 1, Double.POSITIVE_INFINITY),
                curve(new double[] {0, 1}, 3, 4)));

    assertArrayEquals(new double[] {2, Double.NaN}, band.mean().y());
  }

  private static Curve curve(double[] x, double... y) {
    boolean[] converged = new boolean[x.length];
    Arrays.fill(converged, true);
    return new Curve(x, y, converged);
  }
}
