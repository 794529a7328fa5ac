package org.basin.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.basin.linalg.KrylovSequences.Step;
import org.junit.jupiter.api.Test;

/** What sequences are, wherever they lie, against the products of their operator. */
public abstract class KrylovContract {
  private static final float[][] NONE = {};

  private final SplittableRandom random = new SplittableRandom(41);

  /** Of an order of 40 at least, and with 30 different eigenvalues or more. */
  protected abstract SymmetricOperator operator();

  private double[] direction(int n) {
    return RandomVectors.gaussian(n, random);
  }

  private static float[][] basis(KrylovSequences sequences, int sequence) {
    int m = sequences.dimension(sequence);
    double[][] units = new double[m][m];
    for (int i = 0; i < m; i++) {
      units[i][i] = 1;
    }
    return sequences.combinations(sequence, units);
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  private static void assertOrthonormal(float[][] basis) {
    for (int i = 0; i < basis.length; i++) {
      for (int j = 0; j <= i; j++) {
        assertEquals(i == j ? 1 : 0, dot(basis[i], basis[j]), 1e-6, i + ", " + j);
      }
    }
  }

  /** The step that took the vector {@code index} into the basis, of those that were there then. */
  private static void assertIsThatOf(
      SymmetricOperator operator, float[][] basis, int index, Step step) {
    float[] product = new float[operator.size()];
    operator.apply(basis[index], 1, product);
    double norm = Math.sqrt(dot(product, product));
    assertEquals(norm, step.productNorm(), 1e-5 * norm);
    assertEquals(index + 1, step.coefficients().length);
    double[] left = new double[product.length];
    for (int i = 0; i < left.length; i++) {
      left[i] = product[i];
    }
    for (int j = 0; j <= index; j++) {
      double coefficient = dot(basis[j], product);
      assertEquals(coefficient, step.coefficients()[j], 1e-5 * norm, "coefficient " + j);
      for (int i = 0; i < left.length; i++) {
        left[i] -= coefficient * basis[j][i];
      }
    }
    assertEquals(Euclidean.norm(left), step.restNorm(), 1e-5 * norm);
    if (basis.length > index + 1) {
      for (int i = 0; i < left.length; i++) {
        assertEquals(left[i] / Euclidean.norm(left), basis[index + 1][i], 1e-3, "next " + i);
      }
    }
  }

  @Test
  void stepsAreThoseOfTheProducts() {
    SymmetricOperator operator = operator();
    try (KrylovSequences sequences = operator.sequences(NONE, 1, 12)) {
      assertEquals(12, sequences.capacity());
      double[] start = direction(operator.size());
      double[] given = start.clone();
      assertEquals(Euclidean.norm(start), sequences.turn(0, start), 1e-12 * Euclidean.norm(start));
      assertArrayEquals(given, start);
      Step[] steps = new Step[12];
      for (int m = 0; m < 12; m++) {
        assertEquals(m, sequences.dimension(0));
        steps[m] = sequences.expand(0).getFirst();
      }
      float[][] basis = basis(sequences, 0);
      assertOrthonormal(basis);
      for (int i = 0; i < start.length; i++) {
        assertEquals(start[i] / Euclidean.norm(start), basis[0][i], 1e-6);
      }
      for (int m = 0; m < 8; m++) { // from the last few steps the next is not told to three digits
        assertIsThatOf(operator, basis, m, steps[m]);
      }
    }
  }

  /** Each goes its own way, whether others go beside it or not. */
  @Test
  void sequencesSideBySideAreSequencesAlone() {
    SymmetricOperator operator = operator();
    double[][] starts = {direction(operator.size()), direction(operator.size())};
    try (KrylovSequences both = operator.sequences(NONE, 2, 6);
        KrylovSequences alone = operator.sequences(NONE, 1, 6)) {
      both.turn(0, starts[0]);
      both.turn(1, starts[1]);
      both.expand(1);
      both.expand(1, 0);
      both.expand(1);
      assertEquals(1, both.dimension(0));
      assertEquals(3, both.dimension(1));
      List<Step> last = both.expand(0, 1);
      for (int s = 0; s < 2; s++) {
        alone.restart(0, new double[0][]);
        assertEquals(0, alone.dimension(0));
        alone.turn(0, starts[s]);
        Step step = null;
        for (int m = 0; m < both.dimension(s); m++) {
          step = alone.expand(0).getFirst();
        }
        assertArrayEquals(
            step.coefficients(), last.get(s).coefficients(), 1e-5 * step.productNorm());
        assertEquals(step.restNorm(), last.get(s).restNorm(), 1e-4 * step.productNorm());
      }
    }
  }

  @Test
  void whatIsKnownIsLeftOut() {
    SymmetricOperator operator = operator();
    Eigenpairs pairs =
        Lanczos.eigenpairs(
            DenseMatrix.of(operator), Lanczos.Options.of(3, 1), new SplittableRandom(1));
    Basis known = new Basis(operator.size(), 4);
    pairs.all().forEach(pair -> known.extend(pair.vector(), 0));
    try (KrylovSequences sequences = operator.sequences(known.vectors(), 3, 5)) {
      assertEquals(9, sequences.capacity());
      for (int s = 0; s < 3; s++) {
        assertEquals(4, sequences.dimension(s));
        sequences.turn(s, direction(operator.size()));
      }
      sequences.expand(0, 1, 2);
      List<Step> steps = sequences.expand(0, 2);
      float[][] basis = basis(sequences, 2);
      assertEquals(6, basis.length);
      assertOrthonormal(basis);
      for (int i = 0; i < 4; i++) {
        assertArrayEquals(known.vector(i), basis[i], 1e-6f);
      }
      assertIsThatOf(operator, basis, 5, steps.get(1));
      assertEquals(5, sequences.dimension(1));
      assertOrthonormal(basis(sequences, 1));
    }
  }

  @Test
  void combinationsAreNormalised() {
    SymmetricOperator operator = operator();
    try (KrylovSequences sequences = operator.sequences(NONE, 1, 4)) {
      sequences.turn(0, direction(operator.size()));
      for (int m = 0; m < 4; m++) {
        sequences.expand(0);
      }
      float[][] basis = basis(sequences, 0);
      double[][] weights = new double[11][4];
      for (double[] row : weights) {
        Arrays.setAll(row, i -> random.nextGaussian());
      }
      float[][] combined = sequences.combinations(0, weights);
      for (int c = 0; c < weights.length; c++) {
        double norm = Euclidean.norm(weights[c]);
        for (int i = 0; i < operator.size(); i++) {
          double sum = 0;
          for (int j = 0; j < 4; j++) {
            sum += weights[c][j] / norm * basis[j][i];
          }
          assertEquals(sum, combined[c][i], 1e-6);
        }
      }
    }
  }

  /** The recurrence goes on from the same direction, with a basis that spans less. */
  @Test
  void aRestartKeepsTheDirection() {
    SymmetricOperator operator = operator();
    try (KrylovSequences sequences = operator.sequences(NONE, 1, 6)) {
      sequences.turn(0, direction(operator.size()));
      for (int m = 0; m < 5; m++) {
        sequences.expand(0);
      }
      double[][] kept = new double[2][5];
      kept[0][1] = 0.6;
      kept[0][4] = -0.8;
      kept[1][0] = 1;
      float[][] combined = sequences.combinations(0, kept);
      sequences.restart(0, kept);
      assertEquals(2, sequences.dimension(0));
      Step step = sequences.expand(0).getFirst();
      float[][] basis = basis(sequences, 0);
      assertEquals(3, basis.length);
      assertOrthonormal(basis);
      assertArrayEquals(combined[0], basis[0], 1e-6f);
      assertArrayEquals(combined[1], basis[1], 1e-6f);
      assertIsThatOf(operator, basis, 2, step);
      // The direction was that of the last vector before, whose product has most of its part.
      assertTrue(Math.abs(step.coefficients()[0]) > 1e-4 * step.productNorm());
    }
  }

  @Test
  void nothingIsLeftOfASpanInItsComplement() {
    SymmetricOperator operator = operator();
    int n = operator.size();
    try (KrylovSequences sequences = operator.sequences(NONE, 1, 5)) {
      sequences.turn(0, direction(n));
      for (int m = 0; m < 5; m++) {
        sequences.expand(0);
      }
      float[][] basis = basis(sequences, 0);
      double[][] vectors = new double[10][];
      Arrays.setAll(vectors, i -> direction(n));
      double[][] projected = Arrays.stream(vectors).map(double[]::clone).toArray(double[][]::new);
      sequences.project(0, projected);
      for (int v = 0; v < vectors.length; v++) {
        double[] expected = vectors[v].clone();
        for (float[] q : basis) {
          assertEquals(0, Basis.dot(q, 0, projected[v]), 1e-6);
          double part = Basis.dot(q, 0, vectors[v]);
          for (int i = 0; i < n; i++) {
            expected[i] -= part * q[i];
          }
        }
        assertArrayEquals(expected, projected[v], 1e-6);
      }
      double[] inside = new double[n];
      Arrays.setAll(inside, i -> basis[1][i] + 2.0 * basis[3][i]);
      assertTrue(sequences.turn(0, inside) < 1e-6);
      double[] outside = direction(n);
      double before = Euclidean.norm(outside);
      double norm = sequences.turn(0, outside);
      assertTrue(norm > 0.5 * before && norm < before, norm + " of " + before);
    }
  }
}
