package org.basin.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.basin.InvalidInputException;
import org.junit.jupiter.api.Test;

class DenseMatrixTest {

  /** 2 − 2 cos(kπ / (n + 1)): the second difference. */
  @Test
  void secondDifference() {
    int n = 50;
    double[] entries = new double[n * n];
    double[] expected = new double[n];
    for (int i = 0; i < n; i++) {
      entries[i * n + i] = 2;
      if (i > 0) {
        entries[i * n + i - 1] = -1;
        entries[(i - 1) * n + i] = -1;
      }
      expected[i] = 2 - 2 * Math.cos((i + 1) * Math.PI / (n + 1));
    }
    DenseMatrix matrix = DenseMatrix.of(new DenseOperator(n, entries));
    assertArrayEquals(expected, matrix.eigenvalues(), 1e-13);
    assertArrayEquals(expected, matrix.decompose().values(), 1e-13);
    assertEquals(100, matrix.trace());
  }

  @Property(tries = 40, seed = "1")
  void plantedSpectraComeBack(@ForAll @IntRange(min = 1, max = 60) int n, @ForAll int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] spectrum = new double[n];
    for (int i = 0; i < n; i++) {
      // Null spaces, multiplicities and both signs.
      spectrum[i] = random.nextInt(3) == 0 ? random.nextInt(-1, 2) : random.nextGaussian();
    }
    Arrays.sort(spectrum);
    DenseMatrix matrix = DenseMatrix.of(DenseOperator.planted(spectrum, seed));
    assertArrayEquals(spectrum, matrix.eigenvalues(), 1e-6);
    assertArrayEquals(matrix.decompose().values(), matrix.eigenvalues(), 1e-12);
  }

  @Test
  void zeroAndDiagonal() {
    double[] zero = new double[30];
    assertArrayEquals(zero, DenseMatrix.of(DenseOperator.diagonal(zero)).eigenvalues());
    assertArrayEquals(
        new double[] {-4, 0, 2, 2},
        DenseMatrix.of(DenseOperator.diagonal(2, -4, 2, 0)).eigenvalues());
  }

  @Test
  void tooLargeIsRefused() {
    SymmetricOperator large =
        new SymmetricOperator() {
          @Override
          public int size() {
            return 5001;
          }

          @Override
          public void apply(float[] vectors, int count, float[] products) {
            throw new AssertionError("nothing is to be computed");
          }
        };
    assertEquals(
        "the exact spectrum of a matrix of order 5001: at most 5000",
        assertThrows(InvalidInputException.class, () -> DenseMatrix.of(large)).getMessage());
  }
}
