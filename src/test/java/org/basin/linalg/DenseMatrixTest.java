package org.basin.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

  /** A Gram matrix whose eigenvalues fall from 1 to below rounding, and then are 0. */
  @Test
  void aNullSpaceOfRoundingConverges() {
    int n = 256;
    int columns = 200;
    SplittableRandom random = new SplittableRandom(2);
    double[][] x = new double[n][columns];
    for (double[] row : x) {
      for (int j = 0; j < columns; j++) {
        row[j] = random.nextGaussian() * Math.exp(-j / 10.0);
      }
    }
    double[] entries = new double[n * n];
    double squares = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        for (int k = 0; k < columns; k++) {
          entries[i * n + j] += x[i][k] * x[j][k];
        }
        squares += entries[i * n + j] * entries[i * n + j];
      }
    }
    DenseMatrix matrix = DenseMatrix.of(entries, n);
    double[] eigenvalues = matrix.eigenvalues();
    double largest = eigenvalues[n - 1];
    assertEquals(matrix.trace(), Arrays.stream(eigenvalues).sum(), 1e-13 * matrix.trace());
    assertEquals(
        squares, Arrays.stream(eigenvalues).map(value -> value * value).sum(), 1e-13 * squares);
    assertTrue(eigenvalues[0] > -1e-14 * largest && eigenvalues[n - columns] < 1e-14 * largest);
  }

  @Test
  void knownEntriesAreSymmetric() {
    assertArrayEquals(
        new double[] {2, 4}, DenseMatrix.of(new double[] {3, 1, 1, 3}, 2).eigenvalues(), 1e-15);
    assertThrows(InvalidInputException.class, () -> DenseMatrix.of(new double[] {3, 1, 2, 3}, 2));
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
  void productsAndDifferences() {
    DenseMatrix left = DenseMatrix.of(new DenseOperator(2, new double[] {1, 2, 2, 5}));
    DenseMatrix right = DenseMatrix.of(DenseOperator.diagonal(1, 1));
    float[] products = new float[4];
    left.minus(right).apply(new float[] {1, 0, 3, -1}, 2, products);
    assertArrayEquals(new float[] {0, 2, -2, 2}, products);
  }

  /** [[1, 3], [1, 1]] is [[1, 2], [2, 1]] with [[0, 1], [-1, 0]], of norm 1. */
  @Test
  void whatIsNotSymmetricIsMeasured() {
    DenseMatrix matrix = DenseMatrix.of(new DenseOperator(2, new double[] {1, 3, 1, 1}));
    assertArrayEquals(new double[] {-1, 3}, matrix.eigenvalues(), 1e-12);
    assertEquals(1, matrix.asymmetry(), 1e-12);
    assertEquals(0, DenseMatrix.of(DenseOperator.diagonal(1, 2)).asymmetry());
  }

  /** Rounding of columns moves eigenvalues by about what it takes from the symmetry. */
  @Test
  void asymmetryTellsTheNoiseOfTheEigenvalues() {
    int n = 128;
    double[] spectrum = Spectra.network(n, 1);
    SymmetricOperator rounded =
        new SymmetricOperator() {
          private final PlantedOperator exact = new PlantedOperator(spectrum, 2);

          @Override
          public int size() {
            return n;
          }

          @Override
          public void apply(float[] vectors, int count, float[] products) {
            exact.apply(vectors, count, products);
            SplittableRandom random = new SplittableRandom(Arrays.hashCode(vectors));
            for (int i = 0; i < count * n; i++) {
              products[i] += (float) (1e-3 * random.nextGaussian());
            }
          }
        };
    DenseMatrix matrix = DenseMatrix.of(rounded);
    double[] found = matrix.eigenvalues();
    double worst = 0;
    for (int i = 0; i < n; i++) {
      worst = Math.max(worst, Math.abs(found[i] - spectrum[i]));
    }
    assertTrue(worst <= matrix.asymmetry(), worst + " of " + matrix.asymmetry());
    assertTrue(worst > matrix.asymmetry() / 30, worst + " of " + matrix.asymmetry());
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
