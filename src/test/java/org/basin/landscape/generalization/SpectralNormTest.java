package org.basin.landscape.generalization;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.basin.linalg.Uncertain;
import org.junit.jupiter.api.Test;

class SpectralNormTest {

  /** σ u vᵀ + τ p qᵀ with u ⟂ p and v ⟂ q: singular values σ and τ. */
  private static double[] planted(int rows, int columns, double first, double second) {
    double[] w = new double[rows * columns];
    double scale = Math.sqrt((double) rows * columns);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        double signs = ((i % 2 == 0) ? 1 : -1) * ((j % 2 == 0) ? 1 : -1);
        w[i * columns + j] = (first + second * signs) / scale;
      }
    }
    return w;
  }

  private static Uncertain norm(double[] w, int rows, int columns) {
    return SpectralNorm.of(w, rows, columns, new SplittableRandom(1));
  }

  @Test
  void plantedValues() {
    for (int[] shape : new int[][] {{2, 2}, {40, 6}, {6, 40}, {64, 64}}) {
      Uncertain norm = norm(planted(shape[0], shape[1], 3, 2.5), shape[0], shape[1]);
      assertEquals(3, norm.value(), 1e-12);
      assertTrue(norm.converged());
    }
  }

  @Test
  void largeMatricesByLanczos() {
    int n = SpectralNorm.LARGEST_EXACT + 8;
    Uncertain norm = norm(planted(n, n + 2, 3, 2.5), n, n + 2);
    assertTrue(norm.converged());
    assertTrue(norm.standardError() > 1e-9 && norm.standardError() < 1e-3, norm.toString());
    assertEquals(3, norm.value(), 3 * norm.standardError());
  }

  @Test
  void nothing() {
    assertEquals(0, norm(new double[6], 2, 3).value());
    assertFalse(norm(new double[] {1, Double.NaN}, 1, 2).converged());
  }
}
