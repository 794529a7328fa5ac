package org.basin.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.basin.linalg.Uncertain;
import org.junit.jupiter.api.Test;

class LineFitTest {

  @Test
  void lineThroughPointsOnALine() {
    LineFit fit = LineFit.leastSquares(new double[] {1, 2, 4}, new double[] {5, 7, 11});
    assertEquals(2, fit.slope().value(), 1e-14);
    assertEquals(3, fit.intercept(), 1e-13);
    assertEquals(0, fit.slope().standardError(), 1e-13);
  }

  /** Slope ½, residuals (1, −2, 1)/6, s² = 1/6, and Σ (x − 1)² = 2. */
  @Test
  void byHand() {
    LineFit fit = LineFit.leastSquares(new double[] {0, 1, 2}, new double[] {0, 0, 1});
    assertEquals(0.5, fit.slope().value(), 1e-15);
    assertEquals(Math.sqrt(1 / 12.0), fit.slope().standardError(), 1e-15);
    assertEquals(
        Math.sqrt(0.5),
        LineFit.weighted(new double[] {0, 1, 2}, new double[] {0, 0, 1}, new double[] {1, 1, 1})
            .slope()
            .standardError(),
        1e-15);
  }

  @Test
  void intervalsCoverTheSlope() {
    SplittableRandom random = new SplittableRandom(1);
    double[] x = {1, 2, 3, 5, 8};
    double[] errors = {1, 2, 0.5, 1, 3};
    int estimated = 0;
    int known = 0;
    for (int draw = 0; draw < 2000; draw++) {
      double[] equal = new double[5];
      double[] unequal = new double[5];
      for (int i = 0; i < 5; i++) {
        double noise = random.nextGaussian();
        equal[i] = 4 - 0.7 * x[i] + noise;
        unequal[i] = 4 - 0.7 * x[i] + errors[i] * noise;
      }
      estimated += covers(LineFit.leastSquares(x, equal).slope()) ? 1 : 0;
      known += covers(LineFit.weighted(x, unequal, errors).slope()) ? 1 : 0;
    }
    assertTrue(estimated >= 1870 && estimated <= 1930, "estimated " + estimated);
    assertTrue(known >= 1870 && known <= 1930, "known " + known);
  }

  private static boolean covers(Uncertain slope) {
    return Math.abs(slope.value() + 0.7) <= slope.halfWidth(0.95);
  }

  @Test
  void tooLittle() {
    double[] two = {1, 2};
    double[] same = {1, 1, 1};
    assertThrows(IllegalArgumentException.class, () -> LineFit.leastSquares(two, two));
    assertThrows(IllegalArgumentException.class, () -> LineFit.leastSquares(same, same));
  }
}
