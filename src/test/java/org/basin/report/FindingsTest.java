package org.basin.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.basin.store.CompletedRun;
import org.junit.jupiter.api.Test;

class FindingsTest {

  @Test
  void publishedDoubleDescent() {
    List<String> sentences = sentences(SyntheticRuns.doubleDescent(1).build());

    assertEquals(
        List.of(
            "Test error falls to 47.2 % at width 16, peaks at width 47 (P = 4,663 = 1.2 n) at"
                + " 54.1 %, and falls again to 45.5 % at width 300.",
            "Mean training error crosses 1 % at width 58 (P ≈ 6,425, 1.6 n).",
            "Test loss peaks at width 61 (P = 6,903 = 1.7 n) at 5.786 and falls to 2.629 at width"
                + " 300.",
            "Training error reaches zero from width 61.",
            "Every point has one seed: no figure here has an interval."),
        sentences);
  }

  @Test
  void headlinesOfOneSeries() {
    Findings findings = findings(SyntheticRuns.doubleDescent(3).build());

    assertEquals(
        List.of(
            "Interpolation threshold",
            "Training error reaches zero",
            "Test error peaks",
            "Lowest test error"),
        findings.headlines().stream().map(Findings.Headline::title).toList());
  }

  @Test
  void aPeakWithoutTheFallAfterItIsNotCalledOne() {
    List<String> sentences = sentences(SyntheticRuns.doubleDescent(1).without(7).build());

    assertTrue(
        sentences
            .getFirst()
            .startsWith("Test error falls from 69.6 % at width 2 to 47.2 % at width 16, then"),
        sentences.getFirst());
    assertTrue(
        sentences.contains(
            "No replica reaches zero training error; the lowest mean is 5.5 % at width 47."));
    assertFalse(sentences.stream().anyMatch(sentence -> sentence.contains("peaks at")));
    assertFalse(sentences.stream().anyMatch(sentence -> sentence.contains("crosses 1 %")));
  }

  @Test
  void oneDivergedSeedMovesWhereAllReachZero() {
    List<String> sentences = sentences(SyntheticRuns.doubleDescent(3).diverged(80, 1).build());

    assertTrue(
        sentences.contains("Training error reaches zero from width 104 in all seeds."),
        sentences.toString());
    assertTrue(sentences.contains("1 replica diverged (width 80) and is in no mean."));
  }

  @Test
  void manySeriesAreSummedUp() {
    Findings findings = findings(SyntheticRuns.threeSettings(3).build());

    assertEquals(1, findings.sentences().size(), findings.sentences().toString());
    assertTrue(findings.sentences().getFirst().startsWith("The lowest mean test error of all"));
    assertEquals("in 9 of 9 series", findings.headlines().getFirst().note());
  }

  @Test
  void nothingIsSaidOfAnEmptyRun() {
    Findings findings = findings(SyntheticRuns.onePoint(1).without(1).build());

    assertTrue(findings.headlines().isEmpty());
    assertTrue(findings.sentences().isEmpty());
  }

  /** With plain spaces, as people read them. */
  private static List<String> sentences(CompletedRun run) {
    return findings(run).sentences().stream().map(text -> text.replace('\u00a0', ' ')).toList();
  }

  private static Findings findings(CompletedRun run) {
    Sweep sweep = Sweep.of(run);
    List<Landmarks> landmarks =
        sweep.axis().isNumeric()
            ? sweep.series().stream().map(series -> Landmarks.of(series, sweep.axis())).toList()
            : List.of();
    return Findings.of(sweep, landmarks, ProbeScalars.of(sweep, Catalog.ALL));
  }
}
