package org.basin.engine.cuda.twin;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

class GatherTwinTest {
  private final float[][] inputs = {{1, 2, 3, 4, 5, 6}, {-1, -2, -3, -4, -5, -6}};
  private final int[][] labels = {{7, 8, 9}, {-7, -8, -9}};
  private final float[] x = new float[12]; // two replicas, capacity 3, stride 2
  private final int[] y = new int[6];

  @Test
  void rowsComeInTheReplicasOwnOrder() {
    int[] order = {2, 0, 1, 1, 2, 0};
    GatherTwin.gather(x, y, inputs, labels, order, 2, 3, 1, 2, 3, 2);
    assertArrayEquals(new float[] {1, 2, 3, 4, 0, 0, -5, -6, -1, -2, 0, 0}, x);
    assertArrayEquals(new int[] {7, 8, 0, -9, -7, 0}, y);
  }

  @Test
  void orInTheirOwn() {
    GatherTwin.gather(x, y, inputs, labels, null, 2, 3, 2, 1, 3, 2);
    assertArrayEquals(new float[] {5, 6, 0, 0, 0, 0, -5, -6, 0, 0, 0, 0}, x);
    assertArrayEquals(new int[] {9, 0, 0, -9, 0, 0}, y);
  }
}
