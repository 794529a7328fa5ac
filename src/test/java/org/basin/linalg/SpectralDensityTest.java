package org.basin.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.basin.InvalidInputException;
import org.junit.jupiter.api.Test;

class SpectralDensityTest {
  private static final SpectralDensity.Options FEW = new SpectralDensity.Options(10, 40);

  /** Three clusters, each resolved: −1 (51 of 256), 0 (128), 1 to 1.2 (77). */
  private static double[] clusters() {
    double[] values = new double[256];
    for (int i = 0; i < 256; i++) {
      values[i] = i < 51 ? -1 : i < 179 ? 0 : 1 + 0.2 * (i - 179) / 77;
    }
    return values;
  }

  private static double coverage(
      double[] spectrum,
      double truth,
      SpectralDensity.Options options,
      Function<SpectralDensity, Uncertain> quantity) {
    PlantedOperator operator = new PlantedOperator(spectrum, 1);
    SplittableRandom random = new SplittableRandom(2);
    int covered = 0;
    for (int draw = 0; draw < 300; draw++) {
      Uncertain value =
          quantity.apply(SpectralDensity.quadrature(operator, options, random.split()));
      if (Math.abs(value.value() - truth) <= value.halfWidth(0.95)) {
        covered++;
      }
    }
    return covered / 300.0;
  }

  private static void assertHonest(double coverage) {
    assertTrue(coverage >= 0.9 && coverage <= 0.98, "covered " + coverage);
  }

  @Test
  void fractionsAreCoveredAsStated() {
    SpectralDensity.Options options = new SpectralDensity.Options(10, 20);
    double infinity = Double.POSITIVE_INFINITY;
    assertHonest(
        coverage(clusters(), 51 / 256.0, options, density -> density.fraction(-infinity, -1e-4)));
    assertHonest(
        coverage(clusters(), 128 / 256.0, options, density -> density.fraction(-1e-4, 1e-4)));
    assertHonest(
        coverage(clusters(), 77 / 256.0, options, density -> density.fraction(1e-4, infinity)));
  }

  @Test
  void momentsAreCoveredAsStated() {
    double[] spectrum = Spectra.network(256, 3);
    SpectralDensity.Options options = new SpectralDensity.Options(10, 10);
    for (int power = 1; power <= 3; power++) {
      int p = power;
      double truth = Arrays.stream(spectrum).map(x -> Math.pow(x, p)).sum() / 256;
      assertHonest(coverage(spectrum, truth, options, density -> density.moment(p)));
    }
  }

  /** A threshold in the middle of a continuous spectrum falls between nodes. */
  @Test
  void unresolvedThresholdsAreNotClaimed() {
    double[] spectrum = new double[256];
    for (int i = 0; i < 256; i++) {
      spectrum[i] = (i + 0.5) / 128 - 1;
    }
    double coverage =
        coverage(
            spectrum,
            Arrays.stream(spectrum).filter(x -> x < 0.3).count() / 256.0,
            new SpectralDensity.Options(10, 20),
            density -> density.fraction(-2, 0.3));
    assertTrue(coverage >= 0.9, "covered " + coverage);
  }

  @Test
  void curveHasAreaOneAndItsBandCoversTheTruth() {
    double[] spectrum = Spectra.network(256, 4);
    SpectralDensity exact = SpectralDensity.ofEigenvalues(spectrum);
    PlantedOperator operator = new PlantedOperator(spectrum, 5);
    SplittableRandom random = new SplittableRandom(6);
    int covered = 0;
    int points = 0;
    for (int draw = 0; draw < 40; draw++) {
      SpectralDensity.Curve curve =
          SpectralDensity.quadrature(operator, FEW, random.split()).curve(200, 0.03);
      double spacing = curve.points()[1] - curve.points()[0];
      assertEquals(1, Spectra.sum(curve.values()) * spacing, 1e-3);
      double quantile = 2.262; // Student's t with nine degrees of freedom
      double scale = 1 / (256 * curve.sigma() * Math.sqrt(2 * Math.PI));
      for (int i = 0; i < 200; i++) {
        double truth = 0;
        for (double value : spectrum) {
          truth += scale * Math.exp(-Math.pow((curve.points()[i] - value) / curve.sigma(), 2) / 2);
        }
        if (truth > 1e-3) {
          points++;
          if (Math.abs(truth - curve.values()[i]) <= quantile * curve.standardErrors()[i]) {
            covered++;
          }
        }
      }
    }
    double coverage = covered / (double) points;
    assertTrue(coverage >= 0.88 && coverage <= 0.98, "covered " + coverage);
    SpectralDensity.Curve whole = exact.curve();
    assertEquals(1000, whole.points().length);
    assertEquals(1, Spectra.sum(whole.values()) * (whole.points()[1] - whole.points()[0]), 1e-6);
    assertEquals(0, Spectra.sum(whole.standardErrors()));
    assertEquals(Math.sqrt(1e-5) * (spectrum[255] - spectrum[0]), whole.sigma(), 1e-9);
  }

  @Test
  void exactFractionsAreCounts() {
    DenseOperator operator = DenseOperator.planted(new double[] {-2, -1, 0, 0, 3, 4, 5, 9}, 7);
    SpectralDensity density =
        SpectralDensity.estimate(
            operator, SpectralDensity.Options.defaults(), new SplittableRandom(8));
    assertTrue(density.isExact());
    assertEquals(8, density.products());
    assertEquals(Uncertain.exact(0.25), density.fraction(Double.NEGATIVE_INFINITY, -1e-4));
    assertEquals(Uncertain.exact(0.25), density.fraction(-1e-4, 1e-4));
    assertEquals(0.5, density.fraction(1e-4, Double.POSITIVE_INFINITY).value());
    assertEquals(18 / 8.0, density.moment(1).value(), 1e-6);
  }

  @Test
  void zeroAndOneByOne() {
    SplittableRandom random = new SplittableRandom(9);
    SpectralDensity zero =
        SpectralDensity.quadrature(DenseOperator.diagonal(new double[40]), FEW, random);
    assertEquals(1, zero.fraction(-1e-9, 1e-9).value());
    assertEquals(0, zero.fraction(-1e-9, 1e-9).standardError());
    assertEquals(10, zero.products());
    assertEquals(Math.sqrt(1e-5), zero.curve().sigma(), 1e-12);
    SpectralDensity one = SpectralDensity.quadrature(DenseOperator.diagonal(-3), FEW, random);
    assertEquals(-3, one.lowest());
    assertEquals(-3, one.moment(1).value());
    assertFalse(one.isExact());
  }

  @Test
  void theSameSeedGivesTheSameBits() {
    PlantedOperator operator = new PlantedOperator(Spectra.network(512, 10), 11);
    assertArrayEquals(
        SpectralDensity.quadrature(operator, FEW, new SplittableRandom(1)).curve().values(),
        SpectralDensity.quadrature(operator, FEW, new SplittableRandom(1)).curve().values());
  }

  @Test
  void whatCannotBeAskedFor() {
    SplittableRandom random = new SplittableRandom(1);
    SymmetricOperator operator = DenseOperator.diagonal(1, Double.NaN);
    assertThrows(
        NonFiniteProductException.class, () -> SpectralDensity.quadrature(operator, FEW, random));
    assertThrows(NonFiniteProductException.class, () -> SpectralDensity.exact(operator));
    assertThrows(InvalidInputException.class, () -> new SpectralDensity.Options(1, 100));
    SpectralDensity density = SpectralDensity.ofEigenvalues(new double[] {1, 2});
    assertThrows(InvalidInputException.class, () -> density.fraction(2, 1));
    assertThrows(InvalidInputException.class, () -> density.curve(1, 0.1));
    assertThrows(InvalidInputException.class, () -> density.moment(-1));
  }
}
