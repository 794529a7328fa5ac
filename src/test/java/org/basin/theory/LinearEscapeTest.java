package org.basin.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LinearEscapeTest {

  @Test
  void momentsFollowTheRecursion() {
    LinearEscape law = new LinearEscape(1.1, 0.02, 0.3);
    double moment = 0.09;
    for (int k = 0; k < 50; k++) {
      assertEquals(moment, law.secondMoment(k), 1e-12 * moment);
      moment = 1.1 * 1.1 * moment + 0.0004;
    }
  }

  @Test
  void deterministicStepsAreThoseOfTheLoop() {
    SplittableRandom random = new SplittableRandom(1);
    for (int draw = 0; draw < 1000; draw++) {
      double growth = 1 + random.nextDouble();
      double start = random.nextDouble(-1.5, 1.5);
      double u = start;
      int steps = 0;
      while (!(Math.abs(u) > 1)) {
        u *= growth;
        steps++;
      }
      assertEquals(steps, LinearEscape.deterministicSteps(growth, start, 1));
    }
    assertEquals(3, LinearEscape.deterministicSteps(2, 0.25, 1));
    assertEquals(EscapeTimes.NEVER, LinearEscape.deterministicSteps(2, 0, 1));
  }

  @Test
  void legendreRuleIsExactForPolynomials() {
    for (int n : new int[] {2, 7, 64, 501}) {
      LegendreNodes rule = LegendreNodes.of(n);
      for (int power : new int[] {0, 1, 2, 3}) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
          sum += rule.weights()[i] * Math.pow(rule.nodes()[i], power);
        }
        assertEquals(power % 2 == 0 ? 2.0 / (power + 1) : 0, sum, 1e-12);
      }
      assertTrue(rule.nodes()[0] < rule.nodes()[n - 1]);
    }
  }

  @Test
  void firstPassageOfOneStepIsGaussianAndLaterOnesAreMore() {
    LinearEscape law = new LinearEscape(1.2, 0.3, 0.5);
    double[] escaped = law.firstPassage(1, 60);
    assertEquals(0, escaped[0]);
    assertEquals(law.outside(1, 1), escaped[1], 1e-12);
    for (int k = 2; k <= 60; k++) {
      assertTrue(escaped[k] >= escaped[k - 1]);
      assertTrue(escaped[k] >= law.outside(k, 1) - 1e-12);
    }
    assertTrue(escaped[3] > law.outside(3, 1) + 1e-3);
    assertEquals(1, escaped[60], 1e-4);
  }

  /** From −u_0 the same; twice the nodes and another scale, the same. */
  @Test
  void firstPassageDoesNotDependOnSignOrScale() {
    double[] one = new LinearEscape(1.05, 0.05, 0.2).firstPassage(1, 80);
    double[] other = new LinearEscape(1.05, 0.15, -0.6).firstPassage(3, 80);
    for (int k = 0; k <= 80; k++) {
      assertEquals(one[k], other[k], 1e-10);
    }
  }

  @Test
  void walksFollowTheLaw() {
    double growth = 1.1;
    double noise = 0.2;
    SplittableRandom random = new SplittableRandom(2);
    int[] times = new int[100_000];
    int[] outside = new int[3];
    for (int run = 0; run < times.length; run++) {
      double u = 0;
      times[run] = EscapeTimes.NEVER;
      for (int k = 1; k <= 100; k++) {
        u = growth * u + noise * random.nextGaussian();
        if (Math.abs(u) > 1 && times[run] == EscapeTimes.NEVER) {
          times[run] = k;
        }
        if (k % 15 == 0 && k <= 45 && Math.abs(u) > 1) {
          outside[k / 15 - 1]++;
        }
      }
    }
    EscapeTimes escape = new EscapeTimes(times);
    LinearEscape law = new LinearEscape(growth, noise, 0);
    double[] first = law.firstPassage(1, 100);
    assertTrue(escape.distance(t -> first[t], 100) < escape.band(0.999));
    // The other law is told apart with so many runs.
    assertTrue(escape.distance(t -> law.outside(t, 1), 100) > escape.band(0.999));
    for (int i = 0; i < 3; i++) {
      double p = law.outside(15 * (i + 1), 1);
      assertEquals(p, outside[i] / 1e5, 4 * Math.sqrt(p * (1 - p) / 1e5) + 1e-5);
    }
  }

  /** The mean of the first passage approaches the asymptotic one as the noise vanishes. */
  @Test
  void asymptoticMeanIsApproached() {
    double last = Double.MAX_VALUE;
    for (double noise : new double[] {0.1, 0.03, 0.01, 0.003}) {
      LinearEscape law = new LinearEscape(1.1, noise, 0);
      double mean = Arrays.stream(law.firstPassage(1, 400)).map(p -> 1 - p).sum();
      double error = Math.abs(mean - law.asymptoticMean(1));
      assertTrue(error < last, noise + ": off by " + error);
      last = error;
    }
    assertTrue(last < 0.05, "off by " + last);
  }

  @Test
  void whatCannotBe() {
    assertThrows(IllegalArgumentException.class, () -> new LinearEscape(1, 0.1, 0));
    assertThrows(
        IllegalArgumentException.class, () -> new LinearEscape(1.1, 1e-5, 0).firstPassage(1, 5));
    assertThrows(
        IllegalArgumentException.class, () -> new LinearEscape(1.1, 0.1, 2).firstPassage(1, 5));
  }
}
