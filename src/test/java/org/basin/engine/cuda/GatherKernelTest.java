package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.basin.engine.cuda.twin.GatherTwin;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GatherKernelTest {
  private static final int REPLICAS = 3;

  /** The last batch of an epoch is short; 300 rows of 257 are more than 65,535 values. */
  @ParameterizedTest
  @CsvSource({"1,0,1,1,1", "10,3,4,4,7", "10,8,2,4,33", "310,5,300,301,257"})
  void asItsTwin(int n, int first, int rows, int capacity, int stride) {
    RandomArrays random = new RandomArrays(1);
    float[][] inputs = new float[REPLICAS][];
    int[][] labels = new int[REPLICAS][];
    for (int r = 0; r < REPLICAS; r++) {
      inputs[r] = random.normal(n * stride, 0, 1);
      labels[r] = random.below(10, n);
    }
    inputs[1] = inputs[0]; // replicas may share their examples
    int[] orders = random.below(n, REPLICAS * n);
    for (int[] order : new int[][] {orders, null}) {
      float[] x = random.normal(REPLICAS * capacity * stride, 0, 1);
      int[] y = random.below(10, REPLICAS * capacity);
      float[] expectedX = x.clone();
      int[] expectedY = y.clone();
      GatherTwin.gather(
          expectedX, expectedY, inputs, labels, order, REPLICAS, n, first, rows, capacity, stride);
      try (Bench bench = Bench.open()) {
        bench.runInEveryOrder(
            () ->
                bench.launch(
                    "gather.cu",
                    "gather",
                    (long) rows * stride,
                    REPLICAS,
                    bench.on(x),
                    bench.on(y),
                    bench.onEach(inputs),
                    bench.onEach(labels),
                    bench.on(order),
                    n,
                    first,
                    rows,
                    capacity,
                    stride),
            x,
            y);
      }
      assertArrayEquals(expectedX, x);
      assertArrayEquals(expectedY, y);
    }
  }
}
