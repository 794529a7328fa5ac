package org.basin.cli;

import static org.basin.cli.BasinCommand.basin;
import static org.basin.cli.BasinCommand.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way out of a saddle beside ReLU's kinks, where curvature changes at once. */
class SaddlesOfReluTest {
  @TempDir Path folder;

  /** A run that is out after its first step has no rate of growth, and the rest is told. */
  @Test
  void whatLeavesInOneStepHasNoRate() throws IOException {
    String experiment =
        """
        name: x
        data: {source: iris}
        model: {depth: 1, width: 3}
        training: {epochs: 3, batchSize: 32}
        probes:
          - saddles: {pathPoints: 1, initializations: 3, scales: [0.01], newtonSteps: 100, escapes: 2}
        """;
    Path run = folder.resolve("run");
    BasinCommand command = basin("run", write(folder, "x.yaml", experiment), "--out", run);
    assertEquals(0, command.code(), command.err());
    assertTrue(command.out().contains("saddles: 1 measured"), command.out());
  }
}
