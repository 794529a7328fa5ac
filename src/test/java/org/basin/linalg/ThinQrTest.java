package org.basin.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.basin.InvalidInputException;
import org.junit.jupiter.api.Test;

class ThinQrTest {

  private static double[][] gaussian(int columns, int rows, SplittableRandom random) {
    double[][] a = new double[columns][];
    for (int j = 0; j < columns; j++) {
      a[j] = RandomVectors.gaussian(rows, random);
    }
    return a;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** A line through (0, 1), (1, 2), (2, 4): intercept 5/6, slope 3/2. */
  @Test
  void aLineThroughThreePoints() {
    ThinQr qr = new ThinQr(new double[][] {{1, 1, 1}, {0, 1, 2}});
    double[] line = qr.leastSquares(new double[] {1, 2, 4});
    assertArrayEquals(new double[] {5 / 6.0, 1.5}, line, 1e-14);
    // The plane x = 2, x + z = 5 in three dimensions, next to the origin.
    ThinQr planes = new ThinQr(new double[][] {{1, 0, 0}, {1, 0, 1}});
    assertArrayEquals(new double[] {2, 0, 3}, planes.leastNorm(new double[] {2, 5}), 1e-14);
  }

  @Property(tries = 30, seed = "11")
  void conditionsOfOptimality(@ForAll @LongRange(min = 1, max = 10_000) long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int columns = random.nextInt(1, 8);
    int rows = columns + random.nextInt(0, 6);
    double[][] a = gaussian(columns, rows, random);
    // Nearly dependent columns, which one pass of Gram and Schmidt would not survive.
    for (int k = 0; k < rows && columns > 1; k++) {
      a[1][k] = a[0][k] + 1e-7 * a[1][k];
    }
    if (rows == 1 || columns > rows) {
      return;
    }
    ThinQr qr = new ThinQr(a);
    double[] v = RandomVectors.gaussian(rows, random);
    double[] rest = qr.orthogonalPart(v);
    double[] x = qr.leastSquares(v);
    double[] residual = v.clone();
    for (int j = 0; j < columns; j++) {
      assertEquals(0, dot(a[j], rest), 1e-13 * Euclidean.norm(a[j]) * Euclidean.norm(v));
      for (int k = 0; k < rows; k++) {
        residual[k] -= x[j] * a[j][k];
      }
    }
    assertArrayEquals(rest, residual, 1e-6);
    double[] b = new double[columns];
    for (int j = 0; j < columns; j++) {
      b[j] = dot(a[j], v);
    }
    // v has these products; the shortest with them is v without its orthogonal part.
    double[] shortest = qr.leastNorm(b);
    for (int k = 0; k < rows; k++) {
      assertEquals(v[k] - rest[k], shortest[k], 1e-6);
    }
  }

  @Test
  void dependentColumnsAreRefused() {
    assertEquals(
        "column 2 of 2 of 3 rows depends on those before it",
        assertThrows(
                InvalidInputException.class,
                () -> new ThinQr(new double[][] {{1, 2, 3}, {2, 4, 6}}))
            .getMessage());
  }
}
