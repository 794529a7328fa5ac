package org.basin.linalg;

import org.basin.InvalidInputException;

/**
 * The thin factorisation A = Q R of a matrix of full column rank, by Gram and Schmidt's process,
 * each vector made orthogonal twice, which leaves Q orthonormal to rounding (Giraud et al. 2005).
 *
 * <p>It tells the least-squares solution of A x ≈ b, and the solution of least norm of Aᵀ x = b.
 */
public final class ThinQr {
  // Of a column's norm; less than this of it is new when the columns are dependent.
  private static final double DEPENDENT = 1e-12;

  private final int rows;
  private final int columns;
  private final double[][] q; // [columns][rows]
  private final double[][] r; // [columns][columns], upper triangle

  /**
   * Factorises.
   *
   * @param vectors the columns of A, {@code [columns][rows]}, at most as many as rows; only read
   * @throws InvalidInputException when they are dependent
   */
  public ThinQr(double[][] vectors) {
    columns = vectors.length;
    rows = vectors[0].length;
    q = new double[columns][];
    r = new double[columns][columns];
    for (int j = 0; j < columns; j++) {
      double[] v = vectors[j].clone();
      double before = Euclidean.norm(v);
      for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < j; i++) {
          double part = Euclidean.dot(q[i], v);
          r[i][j] += part;
          for (int k = 0; k < rows; k++) {
            v[k] -= part * q[i][k];
          }
        }
      }
      double norm = Euclidean.norm(v);
      if (!(norm > DEPENDENT * before)) {
        throw new InvalidInputException(
            "column %d of %d of %d rows depends on those before it"
                .formatted(j + 1, columns, rows));
      }
      for (int k = 0; k < rows; k++) {
        v[k] /= norm;
      }
      r[j][j] = norm;
      q[j] = v;
    }
  }

  /**
   * arg min ‖A x − b‖.
   *
   * @param b {@code [rows]}
   * @return x, {@code [columns]}
   */
  public double[] leastSquares(double[] b) {
    double[] x = new double[columns];
    for (int i = columns - 1; i >= 0; i--) {
      double sum = Euclidean.dot(q[i], b);
      for (int j = i + 1; j < columns; j++) {
        sum -= r[i][j] * x[j];
      }
      x[i] = sum / r[i][i];
    }
    return x;
  }

  /**
   * The x of least norm with Aᵀ x = b.
   *
   * @param b {@code [columns]}
   * @return x, {@code [rows]}
   */
  public double[] leastNorm(double[] b) {
    double[] y = new double[columns];
    double[] x = new double[rows];
    for (int j = 0; j < columns; j++) {
      double sum = b[j];
      for (int i = 0; i < j; i++) {
        sum -= r[i][j] * y[i];
      }
      y[j] = sum / r[j][j];
      for (int k = 0; k < rows; k++) {
        x[k] += y[j] * q[j][k];
      }
    }
    return x;
  }

  /**
   * What of a vector is orthogonal to all columns of A.
   *
   * @param v {@code [rows]}
   */
  public double[] orthogonalPart(double[] v) {
    double[] rest = v.clone();
    for (int pass = 0; pass < 2; pass++) {
      for (double[] direction : q) {
        double part = Euclidean.dot(direction, rest);
        for (int k = 0; k < rows; k++) {
          rest[k] -= part * direction[k];
        }
      }
    }
    return rest;
  }
}
