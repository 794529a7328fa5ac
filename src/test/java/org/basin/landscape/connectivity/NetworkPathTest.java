package org.basin.landscape.connectivity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.basin.model.NetworkState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class NetworkPathTest {
  private static final NetworkState START =
      new NetworkState(new float[] {0, 0}, new float[] {1}, new float[] {2});
  private static final NetworkState END =
      new NetworkState(new float[] {4, 0}, new float[] {3}, new float[] {6});

  private static NetworkPath path(PathShape shape, float... bend) {
    return new NetworkPath(shape, START, bend, END);
  }

  @ParameterizedTest
  @EnumSource(PathShape.class)
  void theEndsAreThemselves(PathShape shape) {
    NetworkPath path = path(shape, 7, -3);
    List<NetworkState> ends = List.of(START, END);
    for (int t = 0; t < 2; t++) {
      NetworkState found = path.at(t);
      assertArrayEquals(ends.get(t).parameters(), found.parameters());
      assertArrayEquals(ends.get(t).runningMean(), found.runningMean());
      assertArrayEquals(ends.get(t).runningVariance(), found.runningVariance());
    }
  }

  @Test
  void theMiddleOfAPolygonIsItsBendAndThatOfACurveHalfWayToIt() {
    assertArrayEquals(new float[] {2, 3}, path(PathShape.POLYGON, 2, 3).at(0.5).parameters());
    assertArrayEquals(new float[] {2, 1.5f}, path(PathShape.BEZIER, 2, 3).at(0.5).parameters());
    assertArrayEquals(new float[] {1, 1.5f}, path(PathShape.POLYGON, 2, 3).at(0.25).parameters());
    assertArrayEquals(new float[] {2, 0}, path(PathShape.LINE, 2, 3).at(0.5).parameters());
    assertArrayEquals(new float[] {2}, path(PathShape.BEZIER, 2, 3).at(0.5).runningMean());
  }

  /** From (0, 0) by (2, 2) to (4, 0) is a parabola y = x − x²/4, of length 2√2 + 2 arsinh 1. */
  @Test
  void lengthsAreThoseOfGeometry() {
    double parabola = 2 * Math.sqrt(2) + 2 * Math.log(1 + Math.sqrt(2));
    assertEquals(4, path(PathShape.LINE, 9, 9).length(), 1e-12);
    assertEquals(parabola, path(PathShape.BEZIER, 2, 2).length(), 1e-9);
    assertEquals(2 * Math.sqrt(8), path(PathShape.POLYGON, 2, 2).length(), 1e-12);
    for (PathShape shape : PathShape.values()) {
      assertEquals(4, NetworkPath.straight(shape, START, END).length(), 1e-6);
    }
  }
}
