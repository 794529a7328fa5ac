package org.basin.landscape.curvature;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.basin.linalg.DenseMatrix;
import org.basin.linalg.Lanczos;
import org.basin.linalg.PlantedOperator;
import org.basin.linalg.Uncertain;
import org.junit.jupiter.api.Test;

/** Spectra that were planted. */
class HessianSpectrumTest {
  private static final Lanczos.Options WANTED = Lanczos.Options.of(7, 3);
  private static final HessianOptions OPTIONS = new HessianOptions(6, 3, 33, 5, 40, 0, false);

  /** 106 from −0.4 to −0.2, 200 times 0, 200 from 0.5 to 1, and six outliers from 5 to 10. */
  private static double[] planted() {
    double[] values = new double[512];
    for (int i = 0; i < 512; i++) {
      values[i] =
          i < 106
              ? -0.4 + 0.2 * i / 106
              : i < 306 ? 0 : i < 506 ? 0.5 + 0.5 * (i - 306) / 200 : 5 + (i - 506);
    }
    return values;
  }

  @Test
  void signedCountsAndTraceAreCoveredAsStated() {
    double[] spectrum = planted();
    PlantedOperator operator = new PlantedOperator(spectrum, 1);
    double trace = Arrays.stream(spectrum).sum();
    SplittableRandom random = new SplittableRandom(2);
    int[] covered = new int[4];
    double[] squares = new double[4];
    double[] stated = new double[4];
    int draws = 100;
    for (int draw = 0; draw < draws; draw++) {
      HessianSpectrum found =
          HessianSpectrum.estimate(operator, WANTED, OPTIONS, 13, random.split());
      assertTrue(found.checked());
      double floor = found.noiseFloor();
      assertTrue(floor > 1e-7 && floor < 1e-4, () -> "noise floor " + floor);
      Uncertain[] values = {
        found.count(Double.NEGATIVE_INFINITY, -floor),
        found.count(-floor, floor),
        found.count(floor, Double.POSITIVE_INFINITY),
        found.trace()
      };
      double[] truth = {106, 200, 206, trace};
      for (int i = 0; i < 4; i++) {
        assertTrue(values[i].converged());
        double error = Math.abs(values[i].value() - truth[i]);
        covered[i] += error <= values[i].halfWidth(0.95) ? 1 : 0;
        squares[i] += error * error;
        stated[i] += values[i].standardError() * values[i].standardError();
      }
      Uncertain outliers = Outliers.count(found.descending(), floor, 12, false);
      assertEquals(6, outliers.value());
      assertTrue(outliers.converged());
    }
    for (int i = 0; i < 4; i++) {
      double coverage = covered[i] / (double) draws;
      assertTrue(coverage >= 0.88, i + ": covered " + coverage);
      double ratio = Math.sqrt(stated[i] / squares[i]);
      assertTrue(ratio > 0.8 && ratio < 1.3, i + ": stated over actual error " + ratio);
    }
  }

  @Test
  void aNullBandInsideAContinuumIsNotClaimed() {
    double[] spectrum = new double[1024];
    for (int i = 0; i < 1024; i++) {
      double x = (i - 511.5) / 512;
      spectrum[i] = x * Math.abs(x);
    }
    HessianSpectrum found =
        HessianSpectrum.estimate(
            new PlantedOperator(spectrum, 1), WANTED, OPTIONS, 13, new SplittableRandom(3));
    double floor = found.noiseFloor();
    assertFalse(found.count(-floor, floor).converged());
    Uncertain negative = found.count(Double.NEGATIVE_INFINITY, -floor);
    assertEquals(512, negative.value(), negative.halfWidth(0.99));
  }

  @Test
  void wholeSpectraAreCountedExactly() {
    double[] spectrum = planted();
    PlantedOperator operator = new PlantedOperator(spectrum, 1);
    HessianSpectrum found =
        HessianSpectrum.of(operator, DenseMatrix.of(operator), WANTED, new SplittableRandom(1));
    double floor = found.noiseFloor();
    assertEquals(Uncertain.exact(106), found.count(Double.NEGATIVE_INFINITY, -floor));
    assertEquals(200, found.count(-floor, floor).value());
    assertEquals(Uncertain.exact(206).value(), found.count(floor, 100).value());
    // Every zero lies within rounding of a band that is narrower than rounding.
    assertEquals(100, found.count(-1e-12, 1e-12).standardError());
    assertEquals(10, found.largest().getFirst().eigenvalue().value(), 1e-5);
    assertEquals(-0.4, found.smallest().getFirst().eigenvalue().value(), 1e-5);
  }
}
