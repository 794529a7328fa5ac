package org.basin.measurement;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;
import org.junit.jupiter.api.Test;

class ComparisonTest {

  private static Verdict verdict(double error, double predicted, double tolerance) {
    Uncertain measured = Uncertain.of(10, List.of(Contribution.known(Source.SEEDS, error)), true);
    return Comparison.of("slope", measured, predicted, tolerance, 1, 0.95).verdict();
  }

  @Test
  void bothSidesAreLookedAt() {
    assertEquals(Verdict.AGREES, verdict(0.4, 10.7, 0));
    assertEquals(Verdict.AGREES, verdict(0.4, 9.3, 0));
    assertEquals(Verdict.DISAGREES, verdict(0.4, 10.9, 0));
    assertEquals(Verdict.DISAGREES, verdict(0.4, 9.1, 0));
    assertEquals(Verdict.AGREES, verdict(0.4, 9.1, 0.2));
    assertEquals(Verdict.AGREES, verdict(0.4, 10.9, 0.2));
  }

  @Test
  void wideIntervalsDecideOnlyWhatTheyExclude() {
    assertEquals(Verdict.UNDECIDED, verdict(2, 10, 0));
    assertEquals(Verdict.DISAGREES, verdict(2, 20, 0));
    Uncertain unknown = Uncertain.of(Double.NaN, List.of(), false);
    Comparison comparison = Comparison.of("mean", unknown, 3, 0, 1, 0.95);
    assertEquals(Verdict.UNDECIDED, comparison.verdict());
    assertEquals("there is no interval", comparison.reason());
  }

  @Test
  void reasonsReadAsSentences() {
    assertEquals(
        "exact, 2.5 against 2.4 (known to 0.05)",
        Comparison.of("mean", Uncertain.exact(2.5), 2.4, 0.05, 1, 0.999).reason());
    assertEquals(
        "exact, 2.5 against 2.5",
        Comparison.of("mean", Uncertain.exact(2.5), 2.5, 0, 1, 0.999).reason());
    assertEquals(
        "the 99.9 % interval 0 to 0.0381515 holds 0",
        Comparison.of("gap", 0.01, 0, 0.0381515, 0, 0, 1, 0.999).reason());
    assertEquals(
        "the 95 % interval 1.2e-06 to 1.2e+07 is too wide",
        Comparison.of("gap", 1, 1.2e-6, 1.2e7, 100, 0, 1, 0.95).reason());
  }

  @Test
  void lawsAndExceptions() {
    assertEquals(Verdict.AGREES, Comparison.ofLaw("law", 0.05, 0.06, 0, 0.99).verdict());
    assertEquals(Verdict.DISAGREES, Comparison.ofLaw("law", 0.07, 0.06, 0, 0.99).verdict());
    assertEquals(Verdict.UNDECIDED, Comparison.ofLaw("law", 0.05, 0.3, 0, 0.99).verdict());
    assertEquals(Verdict.AGREES, Comparison.ofExceptions("never", 0, 9, "runs escaped").verdict());
    assertEquals(
        "1 of 9 runs escaped", Comparison.ofExceptions("never", 1, 9, "runs escaped").reason());
  }
}
