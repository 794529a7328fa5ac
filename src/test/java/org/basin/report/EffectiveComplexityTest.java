package org.basin.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.basin.store.CompletedReplica;
import org.basin.store.CompletedRun;
import org.basin.store.ReplicaResult;
import org.junit.jupiter.api.Test;

class EffectiveComplexityTest {
  private static final int[] EXAMPLES = {100, 200, 400, 800};

  /** Networks that fit 10 examples a unit, whose test error peaks there. */
  private static CompletedRun run(List<String> varying, int... widths) {
    List<CompletedReplica> replicas = new ArrayList<>();
    for (int width : widths) {
      for (int n : EXAMPLES) {
        for (long seed = 1; seed <= 2; seed++) {
          Map<String, String> settings = new LinkedHashMap<>();
          settings.put("model.width", Integer.toString(width));
          settings.put("data.n", Integer.toString(n));
          settings.keySet().retainAll(varying);
          double trainError = n <= 10 * width ? 0.05 * seed : 0.3;
          double testError = n == 10 * width ? 0.6 + 0.01 * seed : 0.4 + 0.01 * seed;
          replicas.add(replica(settings, width, n, seed, trainError, testError));
        }
      }
    }
    return new CompletedRun(
        Path.of("runs"),
        "complexity",
        "",
        "",
        new ObjectMapper().createObjectNode(),
        replicas.size(),
        varying,
        replicas,
        List.of());
  }

  private static CompletedReplica replica(
      Map<String, String> settings,
      int width,
      int n,
      long seed,
      double trainError,
      double testError) {
    ReplicaResult result =
        new ReplicaResult(
            ReplicaResult.SCHEMA_VERSION,
            "completed",
            settings.toString(),
            seed,
            100L * width,
            width,
            100,
            10,
            n,
            10,
            trainError,
            trainError,
            trainError,
            Double.NaN,
            Double.NaN,
            testError,
            testError,
            1,
            "cpu",
            "",
            "float32",
            new ObjectMapper().createObjectNode(),
            "",
            "");
    return new CompletedReplica(
        settings + "/" + seed, settings, result, List.of(), new LinkedHashMap<>());
  }

  @Test
  void bracketsAndPeaks() {
    CompletedRun run = run(List.of("model.width", "data.n"), 5, 20, 40, 80);
    List<EffectiveComplexity> all = EffectiveComplexity.of(run);
    assertEquals(
        List.of(
            new EffectiveComplexity("5", 5, "", 0, 100, 100, 0),
            new EffectiveComplexity("20", 20, "", 200, 400, 100, 200),
            new EffectiveComplexity("40", 40, "", 400, 800, 100, 400),
            new EffectiveComplexity("80", 80, "", 800, 0, 100, 0)),
        all);
    assertEquals(
        List.of("below 100", "200 to 400", "400 to 800", "at least 800"),
        all.stream().map(EffectiveComplexity::bracket).toList());
    assertEquals(
        "Effective model complexity, the most examples that are fitted to 10 % training error:"
            + " below 100 at width 5, at least 800 at width 80; the test error peaks in n for 2 of"
            + " 4, at one end of that bracket for 2.",
        EffectiveComplexity.sentence(all, EffectiveComplexity.settingName(run)));
    assertEquals(
        4, ReportPayload.of(run).path("generalization").path("complexity").path("rows").size());
  }

  @Test
  void nothingWhereExamplesOrWidthDoNotVary() {
    assertTrue(EffectiveComplexity.of(run(List.of("data.n"), 20)).isEmpty());
    assertTrue(EffectiveComplexity.of(run(List.of("model.width"), 20, 40)).isEmpty());
    assertEquals("", EffectiveComplexity.sentence(List.of(), ""));
  }
}
