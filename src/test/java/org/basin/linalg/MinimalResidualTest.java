package org.basin.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.basin.InvalidInputException;
import org.basin.linalg.MinimalResidual.Solution;
import org.junit.jupiter.api.Test;

class MinimalResidualTest {

  /** diag(values): what a system of it is answered by is known coordinate by coordinate. */
  private record Diagonal(double[] values) implements SymmetricOperator {
    @Override
    public int size() {
      return values.length;
    }

    @Override
    public void apply(float[] vectors, int count, float[] products) {
      for (int i = 0; i < count * values.length; i++) {
        products[i] = (float) (values[i % values.length] * vectors[i]);
      }
    }
  }

  private static Diagonal diagonal(double... values) {
    return new Diagonal(values);
  }

  @Test
  void anIndefiniteSystemOfThreeValuesTakesThreeSteps() {
    Diagonal operator = diagonal(4, 4, -2, 1, -2, 4);
    float[] b = {4, 8, 2, 3, -4, 12};
    Solution solution = MinimalResidual.solve(operator, b, 1e-6, 1e-9, 100);
    assertArrayEquals(new double[] {1, 2, -1, 3, 2, 3}, solution.x(), 1e-5);
    assertTrue(solution.converged());
    assertEquals(3, solution.iterations());
  }

  /** b's part in the null space stays, and x has none there. */
  @Test
  void aSingularSystemWithoutSolutionIsSolvedBestAndSaysSo() {
    Diagonal operator = diagonal(3, -1, 0, 2, 0);
    float[] b = {3, 2, 4, -2, 3};
    Solution solution = MinimalResidual.solve(operator, b, 1e-6, 1e-5, 100);
    assertTrue(solution.converged());
    assertEquals(5 / Math.sqrt(9 + 4 + 16 + 4 + 9), solution.residual(), 1e-5);
    assertTrue(solution.stationarity() <= 1e-5);
    double[] x = solution.x();
    assertEquals(1, x[0], 1e-4);
    assertEquals(-2, x[1], 1e-4);
    assertEquals(-1, x[3], 1e-4);
  }

  @Test
  void whatLiesInTheNullSpaceAloneIsLeftAlone() {
    Solution solution =
        MinimalResidual.solve(diagonal(3, 0, 0), new float[] {0, 3, 4}, 1e-6, 1e-5, 100);
    assertArrayEquals(new double[3], solution.x());
    assertEquals(1, solution.residual());
    assertTrue(solution.converged());
  }

  @Test
  void nothingIsSolvedByNothing() {
    Solution solution = MinimalResidual.solve(diagonal(1, 2), new float[2], 1e-6, 1e-5, 100);
    assertArrayEquals(new double[2], solution.x());
    assertEquals(0, solution.residual());
  }

  /** The residual that the recurrence tells is that of x, and never grows with more steps. */
  @Property(tries = 60, seed = "11")
  void residuals(
      @ForAll @IntRange(min = 2, max = 40) int n, @ForAll @IntRange(max = 1000) int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] entries = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        entries[i * n + j] = random.nextGaussian();
        entries[j * n + i] = entries[i * n + j];
      }
    }
    DenseMatrix matrix = DenseMatrix.of(entries, n);
    float[] b = new float[n];
    for (int i = 0; i < n; i++) {
      b[i] = (float) random.nextGaussian();
    }
    double before = 1;
    for (int steps = 1; steps <= n; steps++) {
      Solution solution = MinimalResidual.solve(matrix, b, 1e-5, 1e-7, steps);
      double squares = 0;
      double norm = 0;
      for (int i = 0; i < n; i++) {
        double left = b[i];
        for (int j = 0; j < n; j++) {
          left -= entries[i * n + j] * solution.x()[j];
        }
        squares += left * left;
        norm += (double) b[i] * b[i];
      }
      assertEquals(Math.sqrt(squares / norm), solution.residual(), 1e-4);
      assertTrue(solution.residual() <= before + 1e-12);
      before = solution.residual();
    }
  }

  /** x is the best of its Krylov space: no other combination of b and Hb leaves less. */
  @Test
  void twoStepsAreTheBestOfTwoDimensions() {
    double[] values = {5, -3, 2, 0.5, -1, 4};
    float[] b = {1, 2, -1, 3, 1, -2};
    Solution solution = MinimalResidual.solve(diagonal(values), b, 1e-9, 1e-9, 2);
    assertFalse(solution.converged());
    for (double[] moved : new double[][] {{1e-2, 0}, {-1e-2, 0}, {0, 1e-3}, {0, -1e-3}}) {
      double squares = 0;
      double least = 0;
      for (int i = 0; i < b.length; i++) {
        double there = solution.x()[i] + (moved[0] + moved[1] * values[i]) * b[i];
        squares += Math.pow(b[i] - values[i] * there, 2);
        least += Math.pow(b[i] - values[i] * solution.x()[i], 2);
      }
      assertTrue(squares > least);
    }
  }

  @Test
  void badInputIsRefused() {
    Diagonal one = diagonal(1);
    float[] b = {1};
    assertThrows(InvalidInputException.class, () -> MinimalResidual.solve(one, b, 0, 0.1, 10));
    assertThrows(InvalidInputException.class, () -> MinimalResidual.solve(one, b, 0.1, 1, 10));
    assertThrows(InvalidInputException.class, () -> MinimalResidual.solve(one, b, 0.1, 0.1, 0));
    assertThrows(
        NonFiniteProductException.class,
        () -> MinimalResidual.solve(diagonal(Double.NaN), b, 0.1, 0.1, 10));
  }
}
