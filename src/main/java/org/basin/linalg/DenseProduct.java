package org.basin.linalg;

/** Products of row-major double matrices, in plain loops that the JVM turns into vectors. */
public final class DenseProduct {
  // Four rows of so many columns stay in the first-level cache while a column of B passes by.
  private static final int COLUMNS = 512;

  private DenseProduct() {}

  /**
   * A B. Every entry is summed in the order of the inner index, so that a product with its own
   * transpose is symmetric to the last bit.
   *
   * @param a {@code [rows, inner]}
   * @param b {@code [inner, columns]}
   * @return {@code [rows, columns]}
   */
  public static double[] of(double[] a, double[] b, int rows, int inner, int columns) {
    double[] c = new double[rows * columns];
    for (int from = 0; from < columns; from += COLUMNS) {
      int width = Math.min(COLUMNS, columns - from);
      int i = 0;
      for (; i + 4 <= rows; i += 4) {
        for (int k = 0; k < inner; k++) {
          int at = i * inner + k;
          fourRows(
              c,
              i * columns + from,
              columns,
              b,
              k * columns + from,
              width,
              a[at],
              a[at + inner],
              a[at + 2 * inner],
              a[at + 3 * inner]);
        }
      }
      for (; i < rows; i++) {
        for (int k = 0; k < inner; k++) {
          row(c, i * columns + from, b, k * columns + from, width, a[i * inner + k]);
        }
      }
    }
    return c;
  }

  private static void fourRows(
      double[] c,
      int to,
      int columns,
      double[] b,
      int from,
      int width,
      double a0,
      double a1,
      double a2,
      double a3) {
    for (int j = 0; j < width; j++) {
      double value = b[from + j];
      c[to + j] += a0 * value;
      c[to + columns + j] += a1 * value;
      c[to + 2 * columns + j] += a2 * value;
      c[to + 3 * columns + j] += a3 * value;
    }
  }

  private static void row(double[] c, int to, double[] b, int from, int width, double a) {
    for (int j = 0; j < width; j++) {
      c[to + j] += a * b[from + j];
    }
  }

  /** Aᵀ, {@code [columns, rows]}. */
  public static double[] transposed(double[] a, int rows, int columns) {
    double[] t = new double[a.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        t[j * rows + i] = a[i * columns + j];
      }
    }
    return t;
  }

  /** The Gram matrix A Aᵀ of rows, {@code [rows, rows]}. */
  public static double[] gram(double[] a, int rows) {
    int inner = a.length / rows;
    return of(a, transposed(a, rows, inner), rows, inner, rows);
  }
}
