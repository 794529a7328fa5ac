package org.basin.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.basin.InvalidInputException;
import org.junit.jupiter.api.Test;

class NoiseFloorTest {

  private static float[][] vectors(Eigenpairs pairs) {
    return pairs.all().stream().map(Eigenpair::vector).toArray(float[][]::new);
  }

  /** Eigenvalues that are 0 are found under the floor, and the floor is little over rounding. */
  @Test
  void nullSpaceIsUnderTheFloor() {
    for (int seed = 0; seed < 10; seed++) {
      double[] spectrum = new double[256];
      for (int i = 156; i < 256; i++) {
        spectrum[i] = 3.0 * (i - 155) / 100;
      }
      SymmetricOperator operator =
          seed % 2 == 0
              ? new PlantedOperator(spectrum, seed)
              : DenseOperator.planted(spectrum, seed);
      Eigenpairs pairs =
          Lanczos.eigenpairs(operator, Lanczos.Options.of(2, 3), new SplittableRandom(100 + seed));
      double floor = NoiseFloor.measure(operator, pairs.norm(), vectors(pairs));
      for (Eigenpair pair : pairs.smallest()) {
        assertTrue(Math.abs(pair.value()) < floor, pair.value() + " under " + floor);
      }
      assertTrue(floor < 3e-6 * pairs.norm(), "floor " + floor);
    }
  }

  /** Twenty times the floor is no noise: the sign of such an eigenvalue is right. */
  @Test
  void smallNegativeValueIsOverTheFloor() {
    double[] spectrum = new double[256];
    for (int i = 0; i < 256; i++) {
      spectrum[i] = i == 0 ? -3e-5 : i < 100 ? 0 : i / 256.0;
    }
    PlantedOperator operator = new PlantedOperator(spectrum, 3);
    double[] all = DenseMatrix.of(operator).eigenvalues();
    Eigenpairs pairs =
        Lanczos.eigenpairs(operator, Lanczos.Options.of(1, 1), new SplittableRandom(4));
    double floor = NoiseFloor.measure(operator, pairs.norm(), vectors(pairs));
    assertTrue(all[0] < -floor && Math.abs(all[1]) < floor, all[0] + ", " + all[1] + ", " + floor);
  }

  /** What cancels inside a product is seen, though ‖H‖ does not tell: (H + 1000) v − 1000 v. */
  @Test
  void cancellationIsMeasured() {
    PlantedOperator inner = new PlantedOperator(Spectra.network(256, 5), 6);
    SymmetricOperator cancelling =
        new SymmetricOperator() {
          @Override
          public int size() {
            return 256;
          }

          @Override
          public void apply(float[] vectors, int count, float[] products) {
            inner.apply(vectors, count, products);
            for (int i = 0; i < 256 * count; i++) {
              float large = 10_000 * vectors[i];
              products[i] = (products[i] + large) - large;
            }
          }
        };
    float[][] vectors = {RandomVectors.rademacher(256, new SplittableRandom(7))};
    for (int i = 0; i < 256; i++) {
      vectors[0][i] *= 1.1f + i / 1000f;
    }
    float[] right = new float[256];
    float[] wrong = new float[256];
    inner.apply(vectors[0], 1, right);
    cancelling.apply(vectors[0], 1, wrong);
    double squares = 0;
    double square = 0;
    for (int i = 0; i < 256; i++) {
      squares += Math.pow((double) wrong[i] - right[i], 2);
      square += Math.pow(vectors[0][i], 2);
    }
    double actual = Math.sqrt(squares / square);
    double floor = NoiseFloor.measure(cancelling, 10, vectors);
    assertTrue(floor > actual && floor < 4 * actual, floor + " of " + actual);
    assertTrue(NoiseFloor.measure(inner, 10, vectors) < actual / 20);
  }

  @Test
  void zeroOperatorHasNone() {
    float[][] one = {{1, 2, 3}};
    assertEquals(0, NoiseFloor.measure(DenseOperator.diagonal(0, 0, 0), 0, one));
  }

  @Test
  void whatCannotBeMeasured() {
    SymmetricOperator operator = DenseOperator.diagonal(1, 2, 3);
    assertThrows(
        InvalidInputException.class, () -> NoiseFloor.measure(operator, 1, new float[0][]));
    assertThrows(
        InvalidInputException.class, () -> NoiseFloor.measure(operator, 1, new float[1][3]));
  }
}
