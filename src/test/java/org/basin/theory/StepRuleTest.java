package org.basin.theory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.basin.theory.PerturbedGradientDescent.Constants;
import org.junit.jupiter.api.Test;

class StepRuleTest {
  private static final Function SADDLE = QuadraticForm.saddle(3, 2);

  @Test
  void gradientDescentByHand() {
    double[] x = {1, -1, 0.5};
    assertTrue(GradientDescent.exact(SADDLE, 0.1).step(x));
    assertArrayEquals(new double[] {0.8, -0.8, 0.6}, x, 1e-15);
  }

  @Test
  void isotropicNoiseHasItsVarianceInEveryCoordinate() {
    GradientNoise noise = GradientNoise.isotropic(SADDLE, 0.5);
    check(noise, 0.25);
  }

  /** Drawn with replacement: a batch of four has a quarter of the variance, of few terms too. */
  @Test
  void miniBatchesDivideTheVariance() {
    TiltedSum sum = TiltedSum.gaussian(SADDLE, 3, 0.5, new SplittableRandom(3));
    check(GradientNoise.miniBatch(sum, 1), 0.25);
    check(GradientNoise.miniBatch(sum, 4), 0.0625);
  }

  private static void check(GradientNoise noise, double variance) {
    SplittableRandom random = new SplittableRandom(4);
    double[] x = {1, 2, 3};
    double[] exact = new double[3];
    SADDLE.gradient(x, exact);
    double[] gradient = new double[3];
    double[] sums = new double[3];
    double[] squares = new double[3];
    int draws = 40_000;
    for (int draw = 0; draw < draws; draw++) {
      noise.sample(x, random, gradient);
      for (int i = 0; i < 3; i++) {
        double left = gradient[i] - exact[i];
        sums[i] += left;
        squares[i] += left * left;
      }
    }
    for (int i = 0; i < 3; i++) {
      assertEquals(0, sums[i] / draws, 4 * Math.sqrt(variance / draws));
      assertEquals(variance, squares[i] / draws, 0.03 * variance);
    }
  }

  /** χ = 3 max(ln(3 · 2 · 10 / (0.5 · 0.01 · 0.1)), 4) = 12 max(…): the logarithm is 11.695. */
  @Test
  void constantsOfThePaper() {
    Constants constants = Constants.of(3, 2, 4, 0.1, 0.5, 0.1, 10);
    double chi = 3 * Math.log(120_000);
    assertEquals(0.25, constants.stepSize());
    assertEquals(Math.sqrt(0.5) / chi / chi * 0.1 / 2, constants.radius(), 1e-18);
    assertEquals(2 * constants.radius(), constants.gradientThreshold(), 1e-18);
    assertEquals(0.5 / Math.pow(chi, 3) * Math.sqrt(0.001 / 4), constants.valueThreshold(), 1e-18);
    assertEquals((long) Math.ceil(chi / 0.25 * 2 / Math.sqrt(0.4)), constants.waiting());
    // Never below 3 · 4.
    assertEquals(
        (long) Math.ceil(12 * 1e-3 / Math.sqrt(4)),
        Constants.of(1, 1e-3, 4, 1, 1, 0.9, 1e-3).waiting());
  }

  @Test
  void perturbationsAreUniformInTheBall() {
    Constants constants = new Constants(0.1, 0.2, 1e-3, 1e-6, 100);
    SplittableRandom random = new SplittableRandom(5);
    int runs = 20_000;
    double squares = 0;
    double last = 0;
    for (int run = 0; run < runs; run++) {
      double[] x = new double[3];
      // On a plane, so that the step after the perturbation moves nothing.
      Function plane = new QuadraticForm(0, 0, 0);
      assertTrue(new PerturbedGradientDescent(plane, constants, random.split()).step(x));
      double square = x[0] * x[0] + x[1] * x[1] + x[2] * x[2];
      assertTrue(square <= 0.04 * (1 + 1e-12));
      squares += square;
      last += x[2] * x[2];
    }
    // E ‖ξ‖² = r² d/(d + 2).
    assertEquals(0.024, squares / runs, 2e-4);
    assertEquals(0.008, last / runs, 2e-4);
  }

  @Test
  void perturbedDescentLeavesASaddleAndStopsAtAMinimum() {
    Constants constants = new Constants(0.1, 1e-3, 1e-2, 1e-8, 50);
    double[] x = new double[3];
    int time =
        EscapeTimes.run(
            new PerturbedGradientDescent(SADDLE, constants, new SplittableRandom(6)),
            x,
            at -> Math.abs(at[2]) > 1,
            200);
    assertTrue(time > 20 && time < 100, "after " + time);
    PerturbedGradientDescent settled =
        new PerturbedGradientDescent(new QuadraticForm(1, 2), constants, new SplittableRandom(6));
    double[] y = {1e-5, 2e-5};
    for (int step = 0; step < 50; step++) {
      assertTrue(settled.step(y));
    }
    assertFalse(settled.step(y));
    assertArrayEquals(new double[] {1e-5, 2e-5}, y);
  }
}
