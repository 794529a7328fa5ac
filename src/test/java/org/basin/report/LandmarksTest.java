package org.basin.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.basin.store.CompletedRun;
import org.junit.jupiter.api.Test;

class LandmarksTest {

  /** One seed of the published table: training error 5.47 % at width 47 and 0 at 61. */
  @Test
  void publishedDoubleDescent() {
    Landmarks marks = landmarks(SyntheticRuns.doubleDescent(1).build());

    double share = (5.47 - 1) / 5.47;
    double expected = Math.exp(Math.log(47) + share * Math.log(61.0 / 47));
    assertEquals(expected, marks.interpolation().at(), 1e-9);
    double logP = Math.log(4663) + share * Math.log(6903.0 / 4663);
    assertEquals(Math.exp(logP), marks.interpolationParameters(), 1e-6);
    assertEquals(1, marks.seeds());
    assertEquals(expected, marks.seedThresholds().getFirst(), 1e-9);

    // P = w² + 52 w + 10 is 4,000 at 42.3 and 40,000 at 175.7.
    assertEquals(42.3, marks.equalsExamples().at(), 0.3);
    assertEquals(175.7, marks.equalsExamplesTimesClasses().at(), 0.3);
    Peak errorPeak = marks.errorPeak();
    Peak lossPeak = marks.lossPeak();
    assertNotNull(errorPeak);
    assertNotNull(lossPeak);
    assertEquals(11, errorPeak.at());
    assertEquals(12, lossPeak.at());
    assertEquals(18, marks.lowestTestError());
  }

  @Test
  void everySeedHasItsThreshold() {
    Landmarks marks = landmarks(SyntheticRuns.doubleDescent(5).build());

    assertEquals(5, marks.seeds());
    assertEquals(5, marks.seedThresholds().size());
    assertTrue(marks.seedThresholds().getFirst() >= 47);
    assertTrue(marks.seedThresholds().getLast() <= 61);
    assertTrue(marks.seedThresholds().getFirst() < marks.seedThresholds().getLast());
  }

  @Test
  void divergedReplicasMoveNothing() {
    Landmarks all = landmarks(SyntheticRuns.doubleDescent(2).diverged(47, 1).build());
    Landmarks one = landmarks(SyntheticRuns.doubleDescent(1).build());

    assertEquals(one.interpolation().at(), all.interpolation().at(), 1e-9);
  }

  @Test
  void whatLiesBeyondTheTestedWidthsIsNotLocated() {
    // Twelve widths, up to 47: P = 4,663.
    Landmarks marks = landmarks(SyntheticRuns.doubleDescent(1).without(7).build());

    assertTrue(marks.equalsExamples().isInside());
    assertEquals(Crossing.Place.NOT_REACHED, marks.equalsExamplesTimesClasses().place());
    assertEquals(Crossing.Place.NOT_REACHED, marks.interpolation().place());
    assertTrue(Double.isNaN(marks.interpolationParameters()));
  }

  private static Landmarks landmarks(CompletedRun run) {
    Sweep sweep = Sweep.of(run);
    return Landmarks.of(sweep.series().getFirst(), sweep.axis());
  }
}
