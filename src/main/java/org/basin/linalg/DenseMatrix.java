package org.basin.linalg;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.basin.InvalidInputException;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.EigenDecompositionSymmetric;

/**
 * A symmetric matrix of an order of up to a few thousand; all of an operator, from n products with
 * unit vectors, made symmetric as (H + Hᵀ) / 2, or of known entries.
 */
public final class DenseMatrix implements SymmetricOperator {
  /** The largest order: 200 MB of doubles, and minutes for its eigenvalues. */
  public static final int LARGEST_SIZE = 5000;

  // Power iterations for the norm of what is not symmetric; it is stated to one digit.
  private static final int NORM_ITERATIONS = 20;

  private final double[][] entries;
  private final double asymmetry;

  private DenseMatrix(double[][] entries, double asymmetry) {
    this.entries = entries;
    this.asymmetry = asymmetry;
  }

  /** Bytes that a matrix of order n holds, and its eigenvalues' computation beside it. */
  public static long bytes(long n) {
    return Double.BYTES * (n * n + n * n / 2) + 2L * Products.batch(n) * n * Float.BYTES;
  }

  /**
   * Computes every entry.
   *
   * @throws InvalidInputException when n is over {@link #LARGEST_SIZE}
   * @throws NonFiniteProductException when an entry is not finite
   */
  public static DenseMatrix of(SymmetricOperator operator) {
    return of(new Products(operator));
  }

  /**
   * The matrix of known entries.
   *
   * @param entries {@code [n, n]}, row-major
   * @throws InvalidInputException when they are not symmetric
   */
  public static DenseMatrix of(double[] entries, int n) {
    double[][] rows = new double[n][];
    for (int i = 0; i < n; i++) {
      rows[i] = Arrays.copyOfRange(entries, i * n, (i + 1) * n);
      for (int j = 0; j < i; j++) {
        if (rows[i][j] != rows[j][i]) {
          throw new InvalidInputException(
              "entries (%d, %d) and (%d, %d) of a symmetric matrix are %s and %s: they must be equal"
                  .formatted(i, j, j, i, rows[i][j], rows[j][i]));
        }
      }
    }
    return new DenseMatrix(rows, 0);
  }

  static DenseMatrix of(Products products) {
    int n = products.size();
    if (n > LARGEST_SIZE) {
      throw new InvalidInputException(
          "the exact spectrum of a matrix of order " + n + ": at most " + LARGEST_SIZE);
    }
    double[][] entries = new double[n][n];
    int batch = Math.min(products.batch(), n);
    float[] units = new float[batch * n];
    float[] columns = new float[batch * n];
    for (int from = 0; from < n; from += batch) {
      int number = Math.min(batch, n - from);
      Arrays.fill(units, 0);
      for (int i = 0; i < number; i++) {
        units[i * n + from + i] = 1;
      }
      products.apply(units, number, columns);
      for (int i = 0; i < number; i++) {
        for (int j = 0; j < n; j++) {
          entries[from + i][j] = columns[i * n + j];
        }
      }
    }
    double asymmetry = asymmetry(entries);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        double mean = (entries[i][j] + entries[j][i]) / 2;
        entries[i][j] = mean;
        entries[j][i] = mean;
      }
    }
    return new DenseMatrix(entries, asymmetry);
  }

  /** ‖S‖₂ of S = (A − Aᵀ) / 2, by power iteration on SᵀS = −S². */
  private static double asymmetry(double[][] a) {
    int n = a.length;
    double[] v = RandomVectors.gaussian(n, new SplittableRandom(1));
    double norm = 0;
    for (int iteration = 0; iteration < NORM_ITERATIONS; iteration++) {
      double before = Euclidean.norm(v);
      double[] product = new double[n];
      for (int i = 0; i < n; i++) {
        double vi = v[i];
        double sum = 0;
        for (int j = 0; j < n; j++) {
          sum += a[i][j] * v[j];
          product[j] -= a[i][j] * vi;
        }
        product[i] += sum;
      }
      norm = Euclidean.norm(product) / (2 * before);
      if (norm == 0) {
        return 0;
      }
      for (int i = 0; i < n; i++) {
        v[i] = product[i] / (2 * before * norm);
      }
    }
    return norm;
  }

  /**
   * ‖(A − Aᵀ) / 2‖₂ of the products as they came: what rounding made of a matrix that is symmetric.
   * What it did to the symmetric part is as large when columns are rounded independently, and by
   * Weyl's inequality moves no eigenvalue further.
   */
  public double asymmetry() {
    return asymmetry;
  }

  /** H − G. */
  public DenseMatrix minus(DenseMatrix other) {
    int n = entries.length;
    double[][] difference = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        difference[i][j] = entries[i][j] - other.entries[i][j];
      }
    }
    return new DenseMatrix(difference, asymmetry + other.asymmetry);
  }

  @Override
  public int size() {
    return entries.length;
  }

  @Override
  public void apply(float[] vectors, int count, float[] products) {
    int n = entries.length;
    for (int v = 0; v < count; v++) {
      int offset = v * n;
      IntStream.range(0, n)
          .parallel()
          .forEach(i -> products[offset + i] = (float) Basis.dot(vectors, offset, entries[i]));
    }
  }

  /** tr H = Σ_i H_ii. */
  public double trace() {
    double sum = 0;
    for (int i = 0; i < entries.length; i++) {
      sum += entries[i][i];
    }
    return sum;
  }

  /**
   * All n eigenvalues, ascending: Householder's reduction to a tridiagonal matrix in 4 n³ / 3
   * multiply-adds (Golub and Van Loan 2013, section 8.3.1), then its implicitly shifted QL
   * iteration.
   */
  public double[] eigenvalues() {
    int n = entries.length;
    double[][] a = new double[n][];
    for (int i = 0; i < n; i++) {
      a[i] = Arrays.copyOf(entries[i], i + 1); // the lower triangle: rows are contiguous
    }
    double[] diagonal = new double[n];
    double[] offDiagonal = new double[Math.max(0, n - 1)];
    double[] p = new double[n];
    for (int i = n - 1; i > 0; i--) {
      diagonal[i] = a[i][i];
      offDiagonal[i - 1] = reflect(a, i, p);
    }
    diagonal[0] = a[0][0];
    return Tridiagonal.eigenvalues(diagonal, offDiagonal);
  }

  /** Makes row i zero left of its off-diagonal entry, which is returned. */
  private static double reflect(double[][] a, int i, double[] p) {
    double[] u = a[i];
    double scale = 0;
    for (int k = 0; k < i; k++) {
      scale = Math.max(scale, Math.abs(u[k]));
    }
    if (scale == 0) {
      return 0;
    }
    double squares = 0;
    for (int k = 0; k < i; k++) {
      u[k] /= scale;
      squares += u[k] * u[k];
    }
    // Away from u's own sign, so that nothing cancels.
    double alpha = -Math.copySign(Math.sqrt(squares), u[i - 1]);
    double h = squares - u[i - 1] * alpha; // ½ ‖u'‖²
    u[i - 1] -= alpha;
    // A ← A − u qᵀ − q uᵀ, with p = A u / h and q = p − (uᵀp / 2h) u.
    Arrays.fill(p, 0, i, 0);
    for (int j = 0; j < i; j++) {
      double[] row = a[j];
      double uj = u[j];
      double sum = 0;
      for (int k = 0; k < j; k++) {
        sum += row[k] * u[k];
      }
      for (int k = 0; k < j; k++) {
        p[k] += row[k] * uj;
      }
      p[j] += sum + row[j] * uj;
    }
    double product = 0;
    for (int k = 0; k < i; k++) {
      p[k] /= h;
      product += p[k] * u[k];
    }
    double half = product / (2 * h);
    for (int k = 0; k < i; k++) {
      p[k] -= half * u[k];
    }
    for (int j = 0; j < i; j++) {
      double[] row = a[j];
      double uj = u[j];
      double qj = p[j];
      for (int k = 0; k <= j; k++) {
        row[k] -= uj * p[k] + qj * u[k];
      }
    }
    return alpha * scale;
  }

  /** All n eigenvalues, ascending, with their vectors; for n of some hundreds. */
  Decomposition decompose() {
    return Decomposition.of(
        new EigenDecompositionSymmetric(new Array2DRowRealMatrix(entries, false)));
  }
}
