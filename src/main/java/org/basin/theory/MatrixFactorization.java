package org.basin.theory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * f(U, V) = ½ ‖UVᵀ − M‖²_F with M {@code [rows, columns]} diagonal, its singular values s_1 > s_2 >
 * … > 0. x is U {@code [rows, rank]}, then V {@code [columns, rank]}, both row-major.
 *
 * <p>Up to rotations of U and V, it is critical where UVᵀ keeps some of the singular pairs and
 * drops the rest; every critical point but the minima is a strict saddle (Baldi and Hornik 1989).
 */
public final class MatrixFactorization implements Function {
  private final int rows;
  private final int columns;
  private final int rank;
  private final double[] singularValues;

  /**
   * The factorisation.
   *
   * @param rank columns of U and of V, at least 1 and at most the number of singular values
   * @param singularValues of M, {@code [min(rows, columns)]}, descending and above 0
   */
  public MatrixFactorization(int rows, int columns, int rank, double... singularValues) {
    if (singularValues.length != Math.min(rows, columns)
        || rank < 1
        || rank > singularValues.length) {
      throw new IllegalArgumentException(
          "%d singular values and rank %d for a matrix of %d by %d"
              .formatted(singularValues.length, rank, rows, columns));
    }
    for (int i = 0; i < singularValues.length; i++) {
      if (!(singularValues[i] > 0) || (i > 0 && singularValues[i] >= singularValues[i - 1])) {
        throw new IllegalArgumentException("singular values descend and stay above 0");
      }
    }
    this.rows = rows;
    this.columns = columns;
    this.rank = rank;
    this.singularValues = singularValues.clone();
  }

  @Override
  public int dimension() {
    return (rows + columns) * rank;
  }

  @Override
  public double value(double[] x) {
    double sum = 0;
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        double entry = residual(x, i, j);
        sum += entry * entry;
      }
    }
    return sum / 2;
  }

  @Override
  public void gradient(double[] x, double[] gradient) {
    Arrays.fill(gradient, 0);
    int second = rows * rank;
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        double entry = residual(x, i, j);
        for (int k = 0; k < rank; k++) {
          gradient[i * rank + k] += entry * x[second + j * rank + k];
          gradient[second + j * rank + k] += entry * x[i * rank + k];
        }
      }
    }
  }

  private double residual(double[] x, int i, int j) {
    int second = rows * rank;
    double sum = i == j ? -singularValues[i] : 0;
    for (int k = 0; k < rank; k++) {
      sum += x[i * rank + k] * x[second + j * rank + k];
    }
    return sum;
  }

  /** The origin, and the balanced points that keep the first singular pairs, up to a minimum. */
  @Override
  public List<CriticalPoint> criticalPoints() {
    List<CriticalPoint> points = new ArrayList<>();
    for (int kept = 0; kept <= rank; kept++) {
      points.add(keeping(kept));
    }
    return points;
  }

  /**
   * The point with U_kk = V_kk = √s_k for k below {@code kept}. Second order in (A, B): ‖AVᵀ +
   * UBᵀ‖² + 2⟨ABᵀ, UVᵀ − M⟩, which falls apart into pairs of entries.
   */
  private CriticalPoint keeping(int kept) {
    double[] point = new double[dimension()];
    double[] eigenvalues = new double[dimension()];
    int pairs = singularValues.length;
    int longer = Math.max(rows, columns);
    int at = 0;
    for (int k = 0; k < rank; k++) {
      double own = k < kept ? singularValues[k] : 0;
      for (int j = 0; j < longer; j++) {
        if (j >= pairs) {
          eigenvalues[at++] = own;
        } else {
          double other = singularValues[j];
          eigenvalues[at++] = j < kept && k >= kept ? 0 : own + other;
          eigenvalues[at++] = j < kept ? 0 : own - other;
        }
      }
      if (k < kept) {
        point[k * rank + k] = Math.sqrt(own);
        point[rows * rank + k * rank + k] = Math.sqrt(own);
      }
    }
    return new CriticalPoint(point, eigenvalues);
  }

  /** ½ Σ_{i > rank} s_i² (Eckart and Young 1936). */
  @Override
  public double infimum() {
    return Arrays.stream(singularValues).skip(rank).map(s -> s * s).sum() / 2;
  }

  @Override
  public double smoothness() {
    return Double.POSITIVE_INFINITY;
  }
}
