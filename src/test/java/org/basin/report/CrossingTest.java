package org.basin.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class CrossingTest {
  private static final double[] X = {0, 1, 2, 4};

  @Test
  void isInterpolated() {
    assertEquals(1.75, Crossing.falling(X, new double[] {9, 7, 3, 1}, 4).at());
    assertEquals(3, Crossing.rising(X, new double[] {0, 1, 2, 4}, 3).at());
  }

  @Test
  void isTheFirst() {
    assertEquals(0.5, Crossing.falling(X, new double[] {2, 0, 2, 0}, 1).at());
  }

  @Test
  void onASampleIsThatSample() {
    assertEquals(2, Crossing.falling(X, new double[] {9, 7, 3, 1}, 3).at());
  }

  @Test
  void missingSamplesAreBridged() {
    assertEquals(1, Crossing.falling(X, new double[] {4, Double.NaN, 0, 0}, 2).at());
  }

  @Test
  void saysWhenItIsOutside() {
    Crossing before = Crossing.falling(X, new double[] {1, 0, 0, 0}, 2);
    assertEquals(Crossing.Place.AT_OR_BEFORE_FIRST, before.place());
    assertTrue(Double.isNaN(before.at()));
    assertEquals(
        Crossing.Place.NOT_REACHED, Crossing.falling(X, new double[] {9, 8, 7, 6}, 2).place());
  }
}
