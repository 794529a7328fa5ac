package org.basin.engine.cpu;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.basin.InvalidInputException;

/** How fast the engine's OpenBLAS multiplies matrices here. */
public final class SgemmBenchmark {
  private SgemmBenchmark() {}

  /**
   * Rate of the calling thread at {@code C [m, n] = A [m, k] B [k, n]}, the same matrices over and
   * over.
   *
   * @param seconds how long to measure, at least
   * @return 10^9 floating-point operations a second, two a multiply-add
   * @throws InvalidInputException when OpenBLAS cannot be loaded
   */
  public static double gflops(int m, int n, int k, double seconds) {
    String problem = OpenBlas.problem();
    if (problem != null) {
      throw new InvalidInputException(problem);
    }
    MemorySegment a = filled(m * k);
    MemorySegment b = filled(k * n);
    MemorySegment c = filled(m * n);
    // Long enough between two looks at the clock that these do not count.
    int products = (int) Math.clamp(1e6 / ((double) m * n * k), 1, 10_000);
    multiply(products, m, n, k, a, b, c);
    long start = System.nanoTime();
    long done = 0;
    double elapsed;
    do {
      multiply(products, m, n, k, a, b, c);
      done += products;
      elapsed = (System.nanoTime() - start) * 1e-9;
    } while (elapsed < seconds);
    return 2.0 * m * n * k * done / elapsed * 1e-9;
  }

  private static void multiply(
      int products, int m, int n, int k, MemorySegment a, MemorySegment b, MemorySegment c) {
    for (int i = 0; i < products; i++) {
      OpenBlas.sgemm(false, false, m, n, k, 1f, a, k, b, n, 0f, c, n);
    }
  }

  private static MemorySegment filled(int length) {
    float[] matrix = new float[length];
    Arrays.fill(matrix, 0.5f);
    return MemorySegment.ofArray(matrix);
  }
}
