package org.basin.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Stream;
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
          quantity.apply(SpectralDensity.quadrature(operator, List.of(), options, random.split()));
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
  void quadratureErrorIsNeitherTooSmallNorMuchTooLarge() {
    int n = 1024;
    double[] spectrum = new double[n];
    for (int i = 0; i < n; i++) {
      spectrum[i] = (i + 0.5) * 2 / n - 1;
    }
    PlantedOperator operator = new PlantedOperator(spectrum, 1);
    SpectralDensity density =
        SpectralDensity.quadrature(operator, List.of(), FEW, new SplittableRandom(2));
    int covered = 0;
    double squares = 0;
    double stated = 0;
    for (int i = 0; i < 200; i++) {
      double threshold = (i - 99.5) / 100;
      double truth = Arrays.stream(spectrum).filter(x -> x < threshold).count() / (double) n;
      Uncertain fraction = density.fraction(Double.NEGATIVE_INFINITY, threshold);
      double error = Math.abs(fraction.value() - truth);
      if (error <= fraction.halfWidth(0.95)) {
        covered++;
      }
      squares += error * error;
      stated += fraction.standardError() * fraction.standardError();
    }
    assertTrue(covered >= 180, "covered " + covered + " of 200");
    assertTrue(stated < 6 * squares, "stated over actual error " + Math.sqrt(stated / squares));
  }

  /** Nearly half the eigenvalues are 0, and others come arbitrarily near. */
  @Test
  void nullBandInsideAContinuumIsNotClaimed() {
    double[] spectrum = Spectra.network(1024, 1);
    SpectralDensity density =
        SpectralDensity.quadrature(
            new PlantedOperator(spectrum, 2), List.of(), FEW, new SplittableRandom(3));
    Uncertain band = density.fraction(-1e-5, 1e-5);
    double truth = Arrays.stream(spectrum).filter(x -> Math.abs(x) < 1e-5).count() / 1024.0;
    assertFalse(band.converged());
    assertEquals(truth, band.value(), band.halfWidth(0.95));
    assertTrue(density.fraction(0.9, 20).converged());
  }

  @Test
  void curveHasAreaOneAndItsBandCoversTheTruth() {
    double[] spectrum = Spectra.network(512, 4);
    PlantedOperator operator = new PlantedOperator(spectrum, 5);
    List<Eigenpair> outliers =
        Lanczos.eigenpairs(operator, Lanczos.Options.of(10, 0), new SplittableRandom(1)).largest();
    SplittableRandom random = new SplittableRandom(6);
    for (double relativeSigma : new double[] {0.03, SpectralDensity.DEFAULT_RELATIVE_SIGMA}) {
      int covered = 0;
      int points = 0;
      for (int draw = 0; draw < 10; draw++) {
        SpectralDensity.Curve curve =
            SpectralDensity.quadrature(operator, outliers, FEW, random.split())
                .curve(500, relativeSigma);
        double scale = 1 / (512 * curve.sigma() * Math.sqrt(2 * Math.PI));
        double area = 0;
        for (int i = 0; i < 500; i++) {
          Uncertain value = curve.values().get(i);
          area += value.value() * (curve.points()[1] - curve.points()[0]);
          double truth = 0;
          for (double eigenvalue : spectrum) {
            double distance = (curve.points()[i] - eigenvalue) / curve.sigma();
            truth += scale * Math.exp(-distance * distance / 2);
          }
          if (truth > 1e-3) {
            points++;
            if (Math.abs(truth - value.value()) <= value.halfWidth(0.95)) {
              covered++;
            }
          }
        }
        assertEquals(1, area, 1e-3);
      }
      double coverage = covered / (double) points;
      assertTrue(coverage >= 0.9, "σ " + relativeSigma + " covered " + coverage);
    }
  }

  @Test
  void knownOutliersAreExact() {
    double[] spectrum = Spectra.network(512, 4);
    PlantedOperator operator = new PlantedOperator(spectrum, 5);
    Eigenpairs pairs =
        Lanczos.eigenpairs(operator, Lanczos.Options.of(10, 0), new SplittableRandom(1));
    List<Eigenpair> twice = Stream.concat(pairs.all().stream(), pairs.all().stream()).toList();
    SpectralDensity density =
        SpectralDensity.quadrature(operator, twice, FEW, new SplittableRandom(2));
    Uncertain outliers = density.fraction(0.9, 20);
    assertEquals(10 / 512.0, outliers.value(), 1e-12);
    assertTrue(outliers.standardError() < 1e-5, "error " + outliers.standardError());
    double truth = Spectra.sum(spectrum) / 512;
    double plain =
        SpectralDensity.quadrature(operator, List.of(), FEW, new SplittableRandom(2))
            .moment(1)
            .standardError();
    Uncertain mean = density.moment(1);
    assertEquals(truth, mean.value(), mean.halfWidth(0.99));
    assertTrue(mean.standardError() < plain / 4, mean.standardError() + " of " + plain);
    assertEquals(spectrum[511], density.highest(), 1e-4);
    assertTrue(density.fraction(Double.NEGATIVE_INFINITY, 11).value() > 1 - 1e-9);
  }

  @Test
  void aCopyThatIsMissingIsNoticed() {
    double[] spectrum = Spectra.network(512, 4);
    spectrum[510] = spectrum[511]; // the largest twice
    spectrum[1] = spectrum[0];
    PlantedOperator operator = new PlantedOperator(spectrum, 5);
    Eigenpairs whole =
        Lanczos.eigenpairs(operator, Lanczos.Options.of(4, 3), new SplittableRandom(1));
    assertTrue(
        SpectralDensity.quadrature(operator, whole.all(), FEW, new SplittableRandom(2))
            .confirms(whole));
    for (int dropped : new int[] {1, 4}) { // a copy of the largest, and of the smallest
      List<Eigenpair> kept = new ArrayList<>(whole.all());
      kept.remove(dropped);
      int largest = dropped == 1 ? 3 : 4;
      Eigenpairs once =
          new Eigenpairs(
              kept.subList(0, largest),
              kept.subList(largest, 6),
              whole.norm(),
              whole.products(),
              false,
              false);
      assertFalse(
          SpectralDensity.quadrature(operator, once.all(), FEW, new SplittableRandom(2))
              .confirms(once));
    }
  }

  /** Lanczos' own sequence for a probe is as good as any other. */
  @Test
  void aSharedRunIsCoveredAsStated() {
    double[] spectrum = Spectra.network(512, 4);
    PlantedOperator operator = new PlantedOperator(spectrum, 5);
    SpectralDensity.Options options = new SpectralDensity.Options(4, 40);
    double truth = Spectra.sum(spectrum) / 512;
    double above = Arrays.stream(spectrum).filter(x -> x >= 0.1).count() / 512.0;
    SplittableRandom random = new SplittableRandom(1);
    int mean = 0;
    int fraction = 0;
    for (int draw = 0; draw < 200; draw++) {
      KrylovSpace space = Lanczos.space(operator, Lanczos.Options.of(10, 2), 40, random.split());
      assertTrue(space.others().values().length >= 28);
      SpectralDensity density =
          SpectralDensity.quadrature(operator, space, options, random.split());
      space.close();
      assertEquals(3 * 40, density.products(), "one run was there already");
      Uncertain moment = density.moment(1);
      mean += Math.abs(moment.value() - truth) <= moment.halfWidth(0.95) ? 1 : 0;
      Uncertain part = density.fraction(0.1, Double.POSITIVE_INFINITY);
      fraction += Math.abs(part.value() - above) <= part.halfWidth(0.95) ? 1 : 0;
    }
    assertHonest(mean / 200.0);
    assertTrue(fraction >= 180, "covered " + fraction + " of 200");
  }

  @Test
  void whatIsLargestBeyondTheKnown() {
    double[] spectrum = Spectra.network(512, 4);
    PlantedOperator operator = new PlantedOperator(spectrum, 5);
    List<Eigenpair> known =
        Lanczos.eigenpairs(operator, Lanczos.Options.of(4, 0), new SplittableRandom(1)).largest();
    List<Uncertain> found =
        SpectralDensity.quadrature(operator, known, FEW, new SplittableRandom(2)).largestUnknown(8);
    assertEquals(8, found.size());
    for (int i = 0; i < 8; i++) {
      double truth = spectrum[507 - i];
      double allowed = found.get(i).standardError() + 1e-5;
      assertEquals(truth, found.get(i).value(), allowed, "value " + i);
    }
  }

  @Test
  void exactCurve() {
    double[] spectrum = Spectra.network(128, 4);
    SpectralDensity.Curve curve = SpectralDensity.ofEigenvalues(spectrum).curve();
    assertEquals(1000, curve.points().length);
    assertEquals(Math.sqrt(1e-5) * (spectrum[127] - spectrum[0]), curve.sigma(), 1e-9);
    assertEquals(spectrum[0] - 5 * curve.sigma(), curve.points()[0], 1e-12);
    double area = 0;
    for (Uncertain value : curve.values()) {
      area += value.value() * (curve.points()[1] - curve.points()[0]);
      assertEquals(0, value.standardError());
    }
    assertEquals(1, area, 1e-6);
  }

  @Test
  void exactFractionsAreCounts() {
    DenseOperator operator = DenseOperator.planted(new double[] {-2, -1, 0, 0, 3, 4, 5, 9}, 7);
    SpectralDensity density =
        SpectralDensity.estimate(
            operator, List.of(), SpectralDensity.Options.defaults(), new SplittableRandom(8));
    assertTrue(density.isExact());
    assertEquals(8, density.products());
    assertEquals(Uncertain.exact(0.25), density.fraction(Double.NEGATIVE_INFINITY, -1e-4));
    assertEquals(Uncertain.exact(0.25), density.fraction(-1e-4, 1e-4));
    assertEquals(0.5, density.fraction(1e-4, Double.POSITIVE_INFINITY).value());
    assertEquals(Uncertain.exact(4), density.count(1e-4, Double.POSITIVE_INFINITY));
    assertEquals(18 / 8.0, density.moment(1).value(), 1e-6);
  }

  @Test
  void zeroAndOneByOne() {
    SplittableRandom random = new SplittableRandom(9);
    SpectralDensity zero =
        SpectralDensity.quadrature(DenseOperator.diagonal(new double[40]), List.of(), FEW, random);
    assertEquals(1, zero.fraction(-1e-9, 1e-9).value());
    assertEquals(0, zero.fraction(-1e-9, 1e-9).standardError());
    assertEquals(10, zero.products());
    assertEquals(Math.sqrt(1e-5), zero.curve().sigma(), 1e-12);
    SpectralDensity one =
        SpectralDensity.quadrature(DenseOperator.diagonal(-3), List.of(), FEW, random);
    assertEquals(-3, one.lowest());
    assertEquals(-3, one.moment(1).value());
    assertFalse(one.isExact());
  }

  @Test
  void theSameSeedGivesTheSameBits() {
    PlantedOperator operator = new PlantedOperator(Spectra.network(512, 10), 11);
    assertEquals(
        SpectralDensity.quadrature(operator, List.of(), FEW, new SplittableRandom(1))
            .curve()
            .values(),
        SpectralDensity.quadrature(operator, List.of(), FEW, new SplittableRandom(1))
            .curve()
            .values());
  }

  @Test
  void whatCannotBeAskedFor() {
    SplittableRandom random = new SplittableRandom(1);
    SymmetricOperator operator = DenseOperator.diagonal(1, Double.NaN);
    assertThrows(
        NonFiniteProductException.class,
        () -> SpectralDensity.quadrature(operator, List.of(), FEW, random));
    assertThrows(NonFiniteProductException.class, () -> SpectralDensity.exact(operator));
    assertThrows(InvalidInputException.class, () -> new SpectralDensity.Options(1, 100));
    SpectralDensity density = SpectralDensity.ofEigenvalues(new double[] {1, 2});
    assertThrows(InvalidInputException.class, () -> density.fraction(2, 1));
    assertThrows(InvalidInputException.class, () -> density.curve(1, 0.1));
    assertThrows(InvalidInputException.class, () -> density.moment(-1));
  }
}
