package org.basin.landscape.generalization;

import java.util.List;
import java.util.SplittableRandom;
import org.basin.linalg.DenseMatrix;
import org.basin.linalg.Eigenpair;
import org.basin.linalg.Lanczos;
import org.basin.linalg.SymmetricOperator;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;

/**
 * The spectral norm ‖W‖₂ = √λ_max(WᵀW): from all eigenvalues of WᵀW or WWᵀ, whichever is smaller,
 * in double precision, or where both are large by Lanczos' iteration.
 */
final class SpectralNorm {
  /** Up to here all eigenvalues take a fraction of a second. */
  static final int LARGEST_EXACT = 512;

  // Relative rounding of λ_max from Householder's reduction and QL, in units of the last place.
  private static final double ROUNDING = 16;

  private SpectralNorm() {}

  /**
   * The norm with what is left of its eigenvector's equation, and its rounding.
   *
   * @param w {@code [rows, columns]}, row-major
   */
  static Uncertain of(double[] w, int rows, int columns, SplittableRandom random) {
    for (double entry : w) {
      if (!Double.isFinite(entry)) {
        return Uncertain.of(Double.NaN, List.of(), false);
      }
    }
    int smaller = Math.min(rows, columns);
    if (smaller <= LARGEST_EXACT) {
      double[] eigenvalues =
          DenseMatrix.of(gram(w, rows, columns, rows < columns), smaller).eigenvalues();
      double norm = Math.sqrt(Math.max(0, eigenvalues[smaller - 1]));
      return Uncertain.of(
          norm, List.of(Contribution.known(Source.ROUNDING, ROUNDING * Math.ulp(norm))), true);
    }
    Eigenpair largest =
        Lanczos.eigenpairs(new NormalProduct(w, rows, columns), Lanczos.Options.of(1, 0), random)
            .largest()
            .getFirst();
    double norm = Math.sqrt(Math.max(0, largest.value()));
    // dσ = dλ / 2σ
    return Uncertain.of(
        norm,
        List.of(
            Contribution.known(Source.RESIDUAL, largest.residualError() / (2 * norm)),
            Contribution.known(Source.ROUNDING, largest.rounding() / (2 * norm))),
        largest.converged());
  }

  /** W Wᵀ, {@code [rows, rows]}, or WᵀW, {@code [columns, columns]}. */
  private static double[] gram(double[] w, int rows, int columns, boolean ofRows) {
    int n = ofRows ? rows : columns;
    double[] gram = new double[n * n];
    if (ofRows) {
      for (int i = 0; i < n; i++) {
        for (int j = 0; j <= i; j++) {
          double sum = 0;
          for (int k = 0; k < columns; k++) {
            sum += w[i * columns + k] * w[j * columns + k];
          }
          gram[i * n + j] = sum;
        }
      }
    } else {
      for (int k = 0; k < rows; k++) {
        for (int i = 0; i < n; i++) {
          double factor = w[k * n + i];
          for (int j = 0; j <= i; j++) {
            gram[i * n + j] += factor * w[k * n + j];
          }
        }
      }
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        gram[j * n + i] = gram[i * n + j];
      }
    }
    return gram;
  }

  /** v → Wᵀ (W v). */
  private record NormalProduct(double[] w, int rows, int columns) implements SymmetricOperator {
    @Override
    public int size() {
      return columns;
    }

    @Override
    public void apply(float[] vectors, int count, float[] products) {
      for (int v = 0; v < count; v++) {
        double[] product = new double[columns];
        for (int i = 0; i < rows; i++) {
          double inner = 0;
          for (int j = 0; j < columns; j++) {
            inner += w[i * columns + j] * vectors[v * columns + j];
          }
          for (int j = 0; j < columns; j++) {
            product[j] += inner * w[i * columns + j];
          }
        }
        for (int j = 0; j < columns; j++) {
          products[v * columns + j] = (float) product[j];
        }
      }
    }
  }
}
