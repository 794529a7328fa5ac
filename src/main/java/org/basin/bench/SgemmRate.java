package org.basin.bench;

/** The machine's own rate of matrix products in single precision. */
@FunctionalInterface
public interface SgemmRate {
  /**
   * The rate of the calling thread at {@code C [rows, columns] = A [rows, inner] B [inner,
   * columns]}.
   *
   * @param seconds how long to measure, at least
   * @return 10^9 floating-point operations a second, two a multiply-add
   */
  double gflops(int rows, int columns, int inner, double seconds);
}
