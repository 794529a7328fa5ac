package org.basin.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.basin.InvalidInputException;
import org.junit.jupiter.api.Test;

final class LinearAssignmentTest {
  private static double total(double[] profits, int n, int[] columns) {
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += profits[i * n + columns[i]];
    }
    return sum;
  }

  /** The best total over all permutations, row by row. */
  private static double bruteForce(double[] profits, int n, int row, boolean[] taken) {
    if (row == n) {
      return 0;
    }
    double best = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < n; j++) {
      if (!taken[j]) {
        taken[j] = true;
        best = Math.max(best, profits[row * n + j] + bruteForce(profits, n, row + 1, taken));
        taken[j] = false;
      }
    }
    return best;
  }

  private static void assertPermutation(int[] columns) {
    assertArrayEquals(
        IntStream.range(0, columns.length).toArray(), Arrays.stream(columns).sorted().toArray());
  }

  @Property(seed = "11", tries = 300)
  void noPermutationIsBetter(
      @ForAll @IntRange(min = 1, max = 7) int n, @ForAll long seed, @ForAll boolean ties) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] profits = new double[n * n];
    Arrays.setAll(profits, i -> ties ? random.nextInt(-2, 3) : random.nextGaussian());
    double[] before = profits.clone();
    int[] columns = LinearAssignment.maximum(profits, n);
    assertPermutation(columns);
    assertEquals(
        bruteForce(profits, n, 0, new boolean[n]), total(profits, n, columns), 1e-12 * n * n);
    assertArrayEquals(before, profits);
  }

  /** Potentials apart, a profit of 1 on a permutation and less elsewhere has one optimum. */
  @Test
  void findsThePlantedPermutationOfManyRows() {
    int n = 400;
    SplittableRandom random = new SplittableRandom(3);
    int[] planted = IntStream.range(0, n).toArray();
    for (int i = n - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = planted[i];
      planted[i] = planted[j];
      planted[j] = swapped;
    }
    double[] rows = random.doubles(n, -100, 100).toArray();
    double[] columns = random.doubles(n, -100, 100).toArray();
    double[] profits = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double own = j == planted[i] ? 1 : random.nextDouble(0.999);
        profits[i * n + j] = own + rows[i] + columns[j];
      }
    }
    assertArrayEquals(planted, LinearAssignment.maximum(profits, n));
  }

  @Test
  void equalProfitsKeepTheOrder() {
    assertArrayEquals(new int[] {0, 1, 2, 3}, LinearAssignment.maximum(new double[16], 4));
  }

  @Test
  void whatIsNotFiniteIsNamed() {
    InvalidInputException refused =
        assertThrows(
            InvalidInputException.class,
            () -> LinearAssignment.maximum(new double[] {1, 2, Double.NaN, 4}, 2));
    assertTrue(
        String.valueOf(refused.getMessage()).contains("profit (1, 0) of an assignment is NaN"),
        refused.getMessage());
  }
}
