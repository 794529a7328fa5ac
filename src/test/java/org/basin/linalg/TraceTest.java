package org.basin.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.basin.InvalidInputException;
import org.junit.jupiter.api.Test;

class TraceTest {
  private static final int DRAWS = 300;
  private static final double[] NETWORK = Spectra.network(256, 1);
  private static final double[] POWER = new double[256];

  static {
    for (int i = 0; i < 256; i++) {
      POWER[i] = (i % 5 == 0 ? -1.0 : 1.0) / (i + 1);
    }
  }

  @FunctionalInterface
  private interface Estimator {
    Uncertain estimate(SymmetricOperator operator, SplittableRandom random);
  }

  /** Root mean square error, after a check of what the stated 95 % intervals cover. */
  private static double check(double[] spectrum, Estimator estimator) {
    double truth = Spectra.sum(spectrum);
    PlantedOperator operator = new PlantedOperator(spectrum, 2);
    SplittableRandom random = new SplittableRandom(3);
    int covered = 0;
    double squares = 0;
    double stated = 0;
    for (int draw = 0; draw < DRAWS; draw++) {
      Uncertain trace = estimator.estimate(operator, random.split());
      double error = Math.abs(trace.value() - truth);
      if (error <= trace.halfWidth(0.95)) {
        covered++;
      }
      squares += error * error;
      stated += trace.standardError() * trace.standardError();
    }
    double coverage = covered / (double) DRAWS;
    assertTrue(coverage >= 0.9 && coverage <= 0.98, "covered " + coverage);
    assertEquals(1, Math.sqrt(stated / squares), 0.15, "stated error over actual error");
    return Math.sqrt(squares / DRAWS);
  }

  @Test
  void hutchinsonErrorIsAsStated() {
    double error = check(NETWORK, (operator, random) -> Trace.hutchinson(operator, 30, random));
    double squares = 0;
    for (double value : NETWORK) {
      squares += value * value;
    }
    // √(2 ‖H‖_F² / m), but for the diagonal.
    assertEquals(Math.sqrt(2 * squares / 30), error, 0.15 * error);
    check(POWER, (operator, random) -> Trace.hutchinson(operator, 30, random));
  }

  @Test
  void hutchPlusPlusErrorIsAsStatedAndSmaller() {
    double plain = check(NETWORK, (operator, random) -> Trace.hutchinson(operator, 99, random));
    double better =
        check(
            NETWORK,
            (operator, random) -> Trace.hutchPlusPlus(operator, Trace.DEFAULT_PRODUCTS, random));
    assertTrue(better < plain / 5, better + " after " + plain);
    check(NETWORK, (operator, random) -> Trace.hutchPlusPlus(operator, 30, random));
    check(POWER, (operator, random) -> Trace.hutchPlusPlus(operator, 30, random));
    check(POWER, (operator, random) -> Trace.hutchPlusPlus(operator, 99, random));
  }

  @Test
  void krylovAwareErrorIsAsStatedAndSmaller() {
    PlantedOperator operator = new PlantedOperator(NETWORK, 2);
    KrylovSpace space =
        Lanczos.space(operator, Lanczos.Options.of(10, 2), 0, new SplittableRandom(4));
    double sketch = check(NETWORK, (any, random) -> Trace.hutchPlusPlus(any, 99, random));
    double krylov = check(NETWORK, (any, random) -> Trace.krylovAware(any, space, 33, random));
    assertTrue(krylov < sketch, krylov + " after " + sketch);
    space.close();
    KrylovSpace ofPower =
        Lanczos.space(
            new PlantedOperator(POWER, 2), Lanczos.Options.of(3, 1), 0, new SplittableRandom(4));
    check(POWER, (any, random) -> Trace.krylovAware(any, ofPower, 20, random));
    ofPower.close();
  }

  @Test
  void knownEigenpairsTakeTheirPart() {
    Eigenpairs pairs =
        Lanczos.eigenpairs(
            new PlantedOperator(NETWORK, 2), Lanczos.Options.of(10, 2), new SplittableRandom(4));
    double plain = check(NETWORK, (operator, random) -> Trace.hutchinson(operator, 30, random));
    double deflated =
        check(NETWORK, (operator, random) -> Trace.deflated(operator, pairs.all(), 30, random));
    assertTrue(deflated < plain / 6, deflated + " after " + plain);
  }

  @Test
  void exactWhereTheSketchSeesEverything() {
    double[] spectrum = new double[256];
    for (int i = 0; i < 20; i++) {
      spectrum[i] = i % 3 == 0 ? -i : i;
    }
    PlantedOperator operator = new PlantedOperator(spectrum, 5);
    SplittableRandom random = new SplittableRandom(6);
    int covered = 0;
    for (int draw = 0; draw < 100; draw++) {
      Uncertain trace = Trace.hutchPlusPlus(operator, 99, random.split());
      assertTrue(trace.standardError() < 1e-4, "error " + trace.standardError());
      if (Math.abs(trace.value() - Spectra.sum(spectrum)) <= trace.halfWidth(0.95)) {
        covered++;
      }
    }
    assertTrue(covered >= 90, "covered " + covered);
  }

  @Test
  void whatIsFlatHasNoVariance() {
    double[] spectrum = new double[256];
    Arrays.fill(spectrum, 1);
    Uncertain trace =
        Trace.hutchPlusPlus(new PlantedOperator(spectrum, 5), 30, new SplittableRandom(6));
    assertEquals(256, trace.value(), 1e-3);
    assertTrue(trace.standardError() < 1e-3);
  }

  @Test
  void exactWhereThereAreAsManyProducts() {
    double[] spectrum = Spectra.network(64, 5);
    Uncertain trace =
        Trace.hutchPlusPlus(new PlantedOperator(spectrum, 5), 99, new SplittableRandom(6));
    assertEquals(Spectra.sum(spectrum), trace.value(), 1e-5);
    assertEquals(0, trace.standardError());
  }

  @Test
  void pairsAtBothEndsCountOnce() {
    DenseOperator operator = DenseOperator.planted(new double[] {-1, 2, 4}, 7);
    Eigenpairs pairs =
        Lanczos.eigenpairs(operator, Lanczos.Options.of(3, 3), new SplittableRandom(8));
    assertEquals(
        5, Trace.deflated(operator, pairs.all(), 4, new SplittableRandom(9)).value(), 1e-5);
  }

  @Test
  void diagonalHasNoError() {
    Uncertain trace =
        Trace.hutchinson(DenseOperator.diagonal(1, 2, -5), 10, new SplittableRandom(1));
    assertEquals(-2, trace.value());
    assertEquals(0, trace.standardError(), 1e-6);
  }

  @Test
  void smallestOperators() {
    SplittableRandom random = new SplittableRandom(1);
    assertEquals(-3, Trace.hutchPlusPlus(DenseOperator.diagonal(-3), 9, random).value(), 1e-6);
    Uncertain zero = Trace.hutchPlusPlus(DenseOperator.diagonal(new double[50]), 9, random);
    assertEquals(0, zero.value());
    assertEquals(0, zero.standardError());
  }

  @Test
  void theSameSeedGivesTheSameValue() {
    PlantedOperator operator = new PlantedOperator(NETWORK, 2);
    assertEquals(
        Trace.hutchPlusPlus(operator, 99, new SplittableRandom(5)),
        Trace.hutchPlusPlus(operator, 99, new SplittableRandom(5)));
  }

  @Test
  void notFiniteAndTooFewAreRefused() {
    SplittableRandom random = new SplittableRandom(1);
    SymmetricOperator infinite = DenseOperator.diagonal(1, Double.POSITIVE_INFINITY);
    assertThrows(NonFiniteProductException.class, () -> Trace.hutchPlusPlus(infinite, 99, random));
    SymmetricOperator finite = DenseOperator.diagonal(1, 2);
    assertEquals(
        "a trace from 1 products: at least 2 are needed",
        assertThrows(InvalidInputException.class, () -> Trace.hutchinson(finite, 1, random))
            .getMessage());
    assertThrows(InvalidInputException.class, () -> Trace.hutchPlusPlus(finite, 5, random));
  }
}
