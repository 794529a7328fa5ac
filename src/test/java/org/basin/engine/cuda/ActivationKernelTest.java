package org.basin.engine.cuda;

import org.basin.engine.cuda.twin.ActivationTwin;
import org.basin.model.Activation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ActivationKernelTest {
  private static final int REPLICAS = 3;

  @ParameterizedTest
  @CsvSource({
    "RELU,1,1,1,1",
    "TANH,5,7,33,40",
    "GELU,3,3,31,32",
    "IDENTITY,2,4,64,65",
    "RELU,300,301,255,257",
    "GELU,260,300,257,257"
  })
  void asItsTwin(Activation activation, int rows, int capacity, int width, int stride) {
    int kind = KernelCodes.of(activation);
    int size = REPLICAS * capacity * stride;
    RandomArrays random = new RandomArrays(2);
    float[] a = random.normal(size, 0, 3);
    a[0] = Float.NaN;
    a[(capacity + rows - 1) * stride] = Float.POSITIVE_INFINITY;
    a[2 * capacity * stride + width - 1] = -1e25f;
    float[] z = activation == Activation.GELU ? random.normal(size, 0, 1) : null;
    float[] delta = random.normal(size, 0, 1);
    float[] expectedA = a.clone();
    float[] expectedZ = z == null ? null : z.clone();
    float[] expectedDelta = delta.clone();
    ActivationTwin.activate(expectedA, expectedZ, kind, REPLICAS, rows, capacity, width, stride);
    ActivationTwin.activateBackward(
        expectedDelta, expectedA, expectedZ, kind, REPLICAS, rows, capacity, width, stride);
    try (Bench bench = Bench.open()) {
      long threads = (long) rows * stride;
      Bench.Work work =
          () -> {
            bench.launch(
                "activation.cu",
                "activate",
                threads,
                REPLICAS,
                bench.on(a),
                bench.on(z),
                kind,
                rows,
                capacity,
                width,
                stride);
            bench.launch(
                "activation.cu",
                "activate_backward",
                threads,
                REPLICAS,
                bench.on(delta),
                bench.on(a),
                bench.on(z),
                kind,
                rows,
                capacity,
                width,
                stride);
          };
      if (z == null) {
        bench.runInEveryOrder(work, a, delta);
      } else {
        bench.runInEveryOrder(work, a, z, delta);
        Bench.assertClose(expectedZ, z, 0, 0);
      }
    }
    // The libraries of the two languages round tanh, exp and erfc in their own ways.
    boolean exact = activation == Activation.RELU || activation == Activation.IDENTITY;
    Bench.assertClose(expectedA, a, exact ? 0 : 1e-6, 0);
    Bench.assertClose(expectedDelta, delta, exact ? 0 : 1e-6, exact ? 0 : 1e-6);
  }
}
