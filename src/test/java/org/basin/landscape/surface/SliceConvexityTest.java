package org.basin.landscape.surface;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Functions whose convexity is known. */
class SliceConvexityTest {
  private static final int SIDE = 21; // from -1 to 1

  private static SliceConvexity line(DoubleUnaryOperator f) {
    double[] losses = new double[SIDE];
    Arrays.setAll(losses, i -> f.applyAsDouble(at(i)));
    return SliceConvexity.ofLine(losses);
  }

  private static SliceConvexity plane(DoubleBinaryOperator f) {
    double[] losses = new double[SIDE * SIDE];
    Arrays.setAll(losses, i -> f.applyAsDouble(at(i / SIDE), at(i % SIDE)));
    return SliceConvexity.ofPlane(losses, SIDE);
  }

  private static double at(int index) {
    return (index - SIDE / 2) / 10.0;
  }

  @Test
  void aParabolaIsConvexAndItsNegativeIsNot() {
    assertEquals(new SliceConvexity(19, 0, 0), line(x -> 1 + x * x));
    assertEquals(new SliceConvexity(19, 19, 0), line(x -> 1 - x * x));
  }

  @Test
  void aCubicIsConvexOnOneSide() {
    // the second difference of x³ is 6 x h², 0 in the middle
    assertEquals(new SliceConvexity(19, 9, 1), line(x -> x * x * x));
  }

  @Test
  void bowlAndSaddle() {
    assertEquals(new SliceConvexity(361, 0, 0), plane((x, y) -> x * x + 2 * y * y));
    assertEquals(new SliceConvexity(361, 361, 0), plane((x, y) -> x * x - y * y));
  }

  @Test
  void aSaddleThatOnlyTheMixedDifferenceShows() {
    // [2 c; c 2] is indefinite for |c| > 2
    assertEquals(361, plane((x, y) -> x * x + y * y + 2.1 * x * y).nonConvex());
    assertEquals(0, plane((x, y) -> x * x + y * y + 1.9 * x * y).nonConvex());
    assertEquals(361, plane((x, y) -> x * x + y * y - 2.1 * x * y).nonConvex());
  }

  @Test
  void whatIsWithinRoundingIsUndecided() {
    assertEquals(new SliceConvexity(361, 0, 361), plane((x, y) -> 5 + x - 3 * y));
    SliceConvexity flat = line(x -> 1 + 1e-9 * Math.sin(100 * x));
    assertEquals(new SliceConvexity(19, 0, 19), flat);
    assertEquals(0, flat.share().value());
    assertEquals(1, flat.share().standardError());
  }

  @Test
  void whatIsNotFiniteIsNotJudged() {
    SliceConvexity hole = plane((x, y) -> x == 0 && y == 0 ? Double.NaN : -x * x - y * y);
    assertEquals(new SliceConvexity(352, 352, 0), hole);
    assertEquals(1, hole.share().value());
    // -1, -0.9 and -0.8 are infinite, so -0.7 has a neighbour that is
    assertEquals(
        new SliceConvexity(16, 0, 0), line(x -> x < -0.75 ? Double.POSITIVE_INFINITY : 1 + x * x));
    SliceConvexity nothing = line(x -> Double.NaN);
    assertTrue(Double.isNaN(nothing.share().value()));
    assertFalse(nothing.share().converged());
  }
}
