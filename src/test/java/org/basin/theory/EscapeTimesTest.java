package org.basin.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class EscapeTimesTest {
  private static final int NEVER = EscapeTimes.NEVER;

  @Test
  void stepsUntilOut() {
    StepRule doubling =
        x -> {
          x[0] *= 2;
          return true;
        };
    assertEquals(0, EscapeTimes.run(doubling, new double[] {2}, x -> x[0] > 1, 5));
    assertEquals(4, EscapeTimes.run(doubling, new double[] {0.1}, x -> x[0] > 1, 5));
    assertEquals(4, EscapeTimes.run(doubling, new double[] {0.1}, x -> x[0] > 1, 4));
    assertEquals(NEVER, EscapeTimes.run(doubling, new double[] {0.1}, x -> x[0] > 1, 3));
    assertEquals(NEVER, EscapeTimes.run(x -> false, new double[] {0.1}, x -> x[0] > 1, 5));
  }

  @Test
  void censoredRunsCountAsLongerAndEnterNoMean() {
    EscapeTimes times = new EscapeTimes(5, NEVER, 3, NEVER, 4);
    assertEquals(5, times.runs());
    assertEquals(2, times.censored());
    assertEquals(0.4, times.share(4));
    assertEquals(0.6, times.share(1_000_000));
    assertEquals(5, times.quantile(0.5, 0.9).value());
    assertEquals(Double.POSITIVE_INFINITY, times.quantile(0.9, 0.9).value());
    assertEquals(Double.POSITIVE_INFINITY, times.quantile(0.5, 0.9).high());
    assertFalse(times.mean().converged());
    assertTrue(Double.isNaN(times.mean().value()));
    assertFalse(times.quantile(0.5, 0.9).uncertain(0.9).converged());
    assertEquals(4, new EscapeTimes(3, 4, 5).mean().value());
    assertEquals(0, new EscapeTimes(3, 4, 5).censored());
    assertThrows(IllegalArgumentException.class, () -> new EscapeTimes());
  }

  /** Of 100 values, the 40th to the 61st cover the median with 96.5 %. */
  @Test
  void medianOfAHundred() {
    int[] times = new int[100];
    for (int i = 0; i < 100; i++) {
      times[i] = i + 1;
    }
    assertEquals(new EscapeTimes.Quantile(50, 40, 61), new EscapeTimes(times).quantile(0.5, 0.95));
    assertEquals(0, new EscapeTimes(1, 2, 3).quantile(0.5, 0.95).low());
  }

  /** Geometric times, whose quantiles and distribution are known. */
  @Test
  void intervalsCoverAsStated() {
    SplittableRandom random = new SplittableRandom(1);
    double stay = 0.98;
    int covered = 0;
    int banded = 0;
    int means = 0;
    int truth = (int) Math.ceil(Math.log(0.2) / Math.log(stay));
    for (int draw = 0; draw < 1000; draw++) {
      int[] times = new int[200];
      for (int i = 0; i < times.length; i++) {
        times[i] = (int) Math.ceil(Math.log(random.nextDouble()) / Math.log(stay));
      }
      EscapeTimes escape = new EscapeTimes(times);
      EscapeTimes.Quantile quantile = escape.quantile(0.8, 0.9);
      if (quantile.low() <= truth && truth <= quantile.high()) {
        covered++;
      }
      if (escape.distance(t -> 1 - Math.pow(stay, t), 1000) <= escape.band(0.9)) {
        banded++;
      }
      if (Math.abs(escape.mean().value() - 1 / (1 - stay)) <= escape.mean().halfWidth(0.9)) {
        means++;
      }
    }
    assertTrue(covered >= 890 && covered <= 960, "covered " + covered);
    assertTrue(banded >= 890 && banded <= 960, "banded " + banded);
    assertTrue(means >= 870 && means <= 930, "means " + means);
  }

  @Test
  void anotherLawIsFarAway() {
    EscapeTimes escape = new EscapeTimes(1, 2, 3, 4);
    assertEquals(0.25, escape.distance(t -> Math.min(1, t / 4.0 + 0.25), 10), 1e-15);
    assertEquals(0.5, escape.distance(t -> Math.floor(t / 2.0) / 4, 4), 1e-15);
  }
}
