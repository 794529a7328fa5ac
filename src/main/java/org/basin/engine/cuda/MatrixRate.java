package org.basin.engine.cuda;

import java.util.SplittableRandom;

/** How fast a GPU multiplies matrices here, by the same cuBLAS call that training makes. */
final class MatrixRate {
  private static final int MOST_CALLS = 1 << 20;

  private MatrixRate() {}

  /**
   * The rate of C {@code [rows, columns]} = A {@code [rows, inner]} B {@code [inner, columns]}.
   *
   * @param batch products a call
   * @param seconds how long to measure, at least; a tenth of it comes before, to warm up
   * @return 10^9 floating-point operations a second, two a multiply-add
   * @throws InterruptedException when the thread was interrupted while it waited for memory
   */
  static double gflops(
      Gpu gpu, boolean tf32, int rows, int columns, int inner, int batch, double seconds)
      throws InterruptedException {
    gpu.enter();
    try (DeviceArena arena = new DeviceArena(gpu.memory())) {
      DeviceArena.Words a = arena.reserve((long) batch * rows * inner);
      DeviceArena.Words b = arena.reserve((long) batch * inner * columns);
      DeviceArena.Words c = arena.reserve((long) batch * rows * columns);
      DeviceArena.Words workspace = arena.reserve(Products.WORKSPACE_BYTES / 4);
      arena.allocate();
      try (Stream stream = new Stream(gpu);
          Products products = new Products(gpu, stream, workspace, tf32)) {
        // Zeros would be multiplied faster: they switch no transistors.
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < batch; i++) {
          stream.write(a, (long) i * rows * inner, gaussian(random, rows * inner));
          stream.write(b, (long) i * inner * columns, gaussian(random, inner * columns));
        }
        stream.synchronize();
        Runnable call =
            () ->
                products.multiply(
                    false,
                    false,
                    rows,
                    columns,
                    inner,
                    new Products.Matrices(a.address(), inner, (long) rows * inner),
                    new Products.Matrices(b.address(), columns, (long) inner * columns),
                    false,
                    new Products.Matrices(c.address(), columns, (long) rows * columns),
                    batch);
        double once = time(stream, call, 1);
        int calls = 1;
        while (once * calls < seconds / 10 && calls < MOST_CALLS) {
          calls *= 2;
          once = time(stream, call, calls) / calls;
        }
        int measured = (int) Math.clamp(Math.ceil(seconds / once), 1, MOST_CALLS);
        double perCall = time(stream, call, measured) / measured;
        return 2e-9 * batch * rows * columns * inner / perCall;
      }
    }
  }

  private static float[] gaussian(SplittableRandom random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static double time(Stream stream, Runnable call, int calls) {
    long start = System.nanoTime();
    for (int i = 0; i < calls; i++) {
      call.run();
    }
    stream.synchronize();
    return (System.nanoTime() - start) * 1e-9;
  }
}
