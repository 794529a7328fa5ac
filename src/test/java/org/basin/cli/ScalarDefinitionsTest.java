package org.basin.cli;

import static org.basin.cli.BasinCommand.basin;
import static org.basin.cli.BasinCommand.files;
import static org.basin.cli.BasinCommand.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.basin.landscape.ProbeCatalog;
import org.basin.landscape.ProbeKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What probes measure and what they define are the same scalars. */
final class ScalarDefinitionsTest {
  /** Every option that adds scalars is on. */
  private static final String EXPERIMENT =
      """
      name: defined
      data: {source: iris}
      model: {depth: 1, width: 5, activation: tanh}
      training: {epochs: 3, batchSize: 32}
      seeds: 2
      probes:
        - hessian: {largest: 2, smallest: 1, traceProducts: 2, densityRuns: 2, densitySteps: 5}
        - sharpness: {steps: 4, batches: 2, pairs: 2}
        - basin-width: {directions: 4, largest: 1, smallest: 1}
        - surface: {directions: all, points: 5, draws: 2, iterates: 3}
        - trajectory: {every: 5, noiseBatches: 2}
        - kernel: {kernelExamples: 10, looks: 3, linearizedTraining: true}
        - connectivity: {points: 3, orders: 1, curves: both, curveSteps: 5, curveBatchSize: 16}
        - generalization: {draws: 2, tolerance: 0.2}
        - stationarity: {steps: [1, 2], batchSizes: [2, 8], runs: 2, examples: 20, subsamples: 2}
        - saddles: {pathPoints: 1, initializations: 3, scales: [0.01], products: 100, escapes: 4}
      """;

  @TempDir Path folder;

  @Test
  void everyScalarIsDefinedAndEveryDefinitionIsOfOne() throws IOException {
    Path run = folder.resolve("run");
    BasinCommand command = basin("run", write(folder, "x.yaml", EXPERIMENT), "--out", run);
    assertEquals(0, command.code(), command.err());

    for (ProbeKind<?> kind : ProbeCatalog.PROBES) {
      assertFalse(kind.definitions().isEmpty(), kind.name());
      Set<String> measured = new TreeSet<>();
      for (String file : files(run)) {
        if (file.endsWith("/probes/" + kind.name() + ".json")) {
          new ObjectMapper()
              .readTree(run.resolve(file).toFile())
              .get("scalars")
              .fieldNames()
              .forEachRemaining(measured::add);
        }
      }
      if (kind.name().equals("saddles")) { // what of its figures there are is up to the saddle
        measured.removeAll(kind.definitions().keySet());
        assertEquals(Set.of(), measured, kind.name());
      } else {
        assertEquals(measured, new TreeSet<>(kind.definitions().keySet()), kind.name());
      }
      kind.definitions()
          .forEach(
              (scalar, definition) ->
                  assertFalse(
                      definition.isBlank() || definition.endsWith("."),
                      scalar + ": " + definition));
    }
  }
}
