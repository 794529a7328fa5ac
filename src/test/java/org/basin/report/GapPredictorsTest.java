package org.basin.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.basin.linalg.Uncertain;
import org.basin.store.CompletedRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GapPredictorsTest {
  @TempDir private Path folder;

  /** A measure that is the gap, one that is its negative, one that is noise, one that diverged. */
  private CompletedRun run(SyntheticRuns runs) {
    MeasuredProbes measured = new MeasuredProbes(folder);
    return runs.withProbe(
            replica -> {
              double gap = Metric.ERROR_GAP.of(replica.result());
              SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
              scalars.put("follower", Uncertain.exact(gap * gap * gap));
              scalars.put("opposite", Uncertain.exact(-gap));
              long seed = replica.folder().hashCode();
              scalars.put("noise", Uncertain.exact(new SplittableRandom(seed).nextDouble()));
              scalars.put("open", Uncertain.of(gap, List.of(), false));
              scalars.put("constant", Uncertain.exact(1));
              scalars.put("errorGap", Uncertain.exact(gap));
              return measured.of(replica, "planted", scalars);
            })
        .build();
  }

  private static GapPredictors predictors(CompletedRun run) {
    Sweep sweep = Sweep.of(run);
    return GapPredictors.of(sweep, ProbeScalars.of(sweep, Catalog.ALL), Metric.ERROR_GAP);
  }

  private static GapPredictors.Measure measure(GapPredictors predictors, String scalar) {
    return predictors.measures().stream()
        .filter(measure -> measure.scalar().equals(scalar))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatIsTheGapOrdersNetworksByIt() {
    GapPredictors predictors = predictors(run(SyntheticRuns.threeSettings(2)));
    assertEquals(
        List.of("parameters", "follower", "opposite", "noise"),
        predictors.measures().stream().map(GapPredictors.Measure::scalar).toList());
    GapPredictors.Measure follower = measure(predictors, "follower");
    assertEquals(1, follower.replicas().tau(), 1e-12);
    assertEquals(19 * 9 * 2, follower.replicas().pairs());
    assertNotNull(follower.means());
    assertTrue(follower.means().tau() > 0.99);
    assertEquals(19 * 9, follower.means().pairs());
    assertEquals(1, follower.granulated().mean(), 1e-12);
    assertEquals(
        List.of("training.labelSmoothing", "training.optimizer.learningRate", "model.width"),
        List.copyOf(follower.granulated().settings().keySet()));
    assertEquals(-1, measure(predictors, "opposite").replicas().high(), 1e-12);
    GapPredictors.Measure noise = measure(predictors, "noise");
    assertTrue(Math.abs(noise.replicas().tau()) < 0.15);
    assertTrue(noise.replicas().isUnclear());
    assertEquals(3, predictors.significant().size());
    assertFalse(predictors.significant().contains(noise));
    assertTrue(
        predictors
            .sentence()
            .startsWith(
                "Of 4 measures, 3 have a rank correlation with the generalisation gap in error over"
                    + " 342 networks whose 95 % interval leaves out 0; about 1 would by chance"
                    + " alone. Corrected for so many comparisons (Holm), 3 are left, the strongest"
                    + " follower (planted) with τ = 1.00 (1.00 to 1.00)."),
        predictors.sentence());
  }

  @Test
  void oneSettingHasNoGranulatedCoefficientAndOnePointNoMeans() {
    GapPredictors widths = predictors(run(SyntheticRuns.doubleDescent(2)));
    assertTrue(Double.isNaN(measure(widths, "follower").granulated().mean()));
    GapPredictors seeds = predictors(run(SyntheticRuns.onePoint(6)));
    assertEquals(null, measure(seeds, "follower").means());
    assertEquals(6, measure(seeds, "follower").replicas().pairs());
    assertTrue(predictors(run(SyntheticRuns.onePoint(4))).measures().isEmpty());
  }

  @Test
  void thePayloadHoldsBothGapsAndWithoutProbesNothing() {
    JsonNode payload = ReportPayload.of(run(SyntheticRuns.twoSettings(2)));
    JsonNode gaps = payload.path("generalization").path("gaps");
    assertEquals(2, gaps.size());
    JsonNode follower = gaps.get(0).path("measures").get(1);
    assertEquals("follower", follower.path("name").asText());
    assertEquals(1, follower.path("replicas").path("tau").asDouble(), 1e-12);
    assertFalse(follower.path("replicas").path("unclear").asBoolean());
    assertTrue(payload.path("findings").path("sentences").toString().contains("Of 4 measures"));
    JsonNode without = ReportPayload.of(SyntheticRuns.twoSettings(2).build());
    assertEquals(0, without.path("generalization").path("gaps").size());
    assertTrue(without.path("generalization").path("complexity").isMissingNode());
  }
}
