package org.basin.engine.cuda.twin;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against what orthogonal vectors and their combinations are. */
class KrylovTwinTest {
  private final Random random = new Random(21);

  private KrylovTwin.Sequence sequence(float[] basis, int size, int dimension, float[] product) {
    int chunks = Math.ceilDiv(size, KrylovTwin.CHUNK);
    return new KrylovTwin.Sequence(
        basis,
        dimension - 1,
        null,
        product,
        null,
        random.doubles(size, -1, 1).toArray(),
        new double[2 + dimension],
        new double[dimension],
        new double[(dimension + 1) * chunks],
        dimension);
  }

  private static double dot(float[] basis, int j, double[] w) {
    double sum = 0;
    for (int i = 0; i < w.length; i++) {
      sum += basis[j * w.length + i] * w[i];
    }
    return sum;
  }

  private static void orthogonalize(KrylovTwin.Sequence s) {
    for (int stage : new int[] {KrylovTwin.TAKE, KrylovTwin.SUBTRACT, KrylovTwin.CORRECT}) {
      KrylovTwin.project(List.of(s), stage);
      KrylovTwin.reduce(List.of(s), stage);
    }
  }

  /** A basis of one vector after the other, from random products. */
  @ParameterizedTest
  @CsvSource({"3,2", "511,5", "1300,40"})
  void aBasisIsOrthonormalAndItsCombinationsAreThose(int size, int dimension) {
    float[] basis = new float[size * dimension];
    double[] start = random.doubles(size, -1, 1).toArray();
    double[] next = start;
    double norm = Math.sqrt(Arrays.stream(start).map(x -> x * x).sum());
    for (int m = 1; m <= dimension; m++) {
      float[] product = new float[size];
      for (int i = 0; i < size; i++) {
        product[i] = (float) random.nextGaussian();
      }
      KrylovTwin.Sequence s = sequence(basis, size, m, product);
      System.arraycopy(next, 0, s.direction(), 0, size);
      s.numbers()[1] = norm;
      KrylovTwin.append(List.of(s));
      orthogonalize(s);
      double squares = 0;
      for (float value : product) {
        squares += (double) value * value;
      }
      assertEquals(Math.sqrt(squares), s.numbers()[0], 1e-12 * s.numbers()[0]);
      double left = squares;
      for (int j = 0; j < m; j++) {
        assertEquals(0, dot(basis, j, s.direction()), 1e-14 * s.numbers()[0]);
        assertEquals(j == m - 1 ? 1 : 0, dot(basis, j, row(basis, m - 1, size)), 1e-6);
        left -= s.numbers()[2 + j] * s.numbers()[2 + j];
      }
      assertEquals(Math.sqrt(Math.max(0, left)), s.numbers()[1], 1e-3 * s.numbers()[0]);
      next = s.direction();
      norm = s.numbers()[1];
    }
    KrylovTwin.Sequence combined = sequence(basis, size, dimension, null);
    double[] weights = random.doubles(dimension, -1, 1).toArray();
    System.arraycopy(weights, 0, combined.numbers(), 2, dimension);
    KrylovTwin.project(List.of(combined), KrylovTwin.COMBINE);
    KrylovTwin.reduce(List.of(combined), KrylovTwin.COMBINE);
    for (int j = 0; j < dimension; j++) {
      assertEquals(weights[j], dot(basis, j, combined.direction()), 1e-6);
    }
    double length = Math.sqrt(Arrays.stream(weights).map(w -> w * w).sum());
    assertEquals(length, combined.numbers()[1], 1e-6 * length);
  }

  private static double[] row(float[] basis, int j, int size) {
    double[] row = new double[size];
    Arrays.setAll(row, i -> basis[j * size + i]);
    return row;
  }
}
