package org.basin.bench;

/** The machine's own rate of matrix products in the precision that is measured. */
@FunctionalInterface
public interface SgemmRate {
  /**
   * The rate of the calling thread, or of one GPU, at products {@code C [rows, columns] = A [rows,
   * inner] B [inner, columns]}.
   *
   * @param batch products of one call to a GPU, each of other matrices; a core does one at a time
   * @param seconds how long to measure, at least
   * @return 10^9 floating-point operations a second, two a multiply-add
   * @throws InterruptedException when the thread was interrupted
   */
  double gflops(int rows, int columns, int inner, int batch, double seconds)
      throws InterruptedException;
}
