package org.basin.cli;

import static org.basin.cli.BasinCommand.basin;
import static org.basin.cli.BasinCommand.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.basin.engine.EngineRegistry;
import org.basin.engine.EngineStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which engine computes on a machine without a GPU, and what is refused rather than computed. */
final class EngineChoiceTest {
  @TempDir Path folder;

  private Path experiment;
  private Path out;
  private String reason;

  @BeforeEach
  void withoutGpus() {
    EngineStatus cuda = EngineRegistry.standard().statuses().getFirst();
    assertEquals("cuda", cuda.name());
    assumeFalse(cuda.available(), "this machine has " + cuda.reason());
    reason = cuda.reason();
    out = folder.resolve("run");
    experiment = write(folder, "tiny.yaml", BasinCommand.TINY.replace("engine: cpu\n", ""));
  }

  private void assertRefused(String line, BasinCommand command) {
    assertEquals(2, command.code(), command.err());
    assertEquals("", command.out());
    assertEquals("basin: " + line, command.err().strip());
    assertFalse(Files.exists(out), "nothing is written");
  }

  @Test
  void autoTakesTheCpuAndSaysWhyNotTheGpu() throws IOException {
    BasinCommand run = basin("run", experiment, "--out", out);
    assertEquals(0, run.code(), run.err());
    assertEquals(2, run.err().lines().count(), run.err());
    assertTrue(run.err().contains("engine cuda is not taken: " + reason), run.err());
    assertTrue(run.err().contains("engine cpu: OpenBLAS"), run.err());
    String provenance = Files.readString(out.resolve("provenance.json"));
    assertTrue(provenance.contains("\"name\" : \"cpu\""), provenance);
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "plan"})
  void whatAsksForAGpuIsNotComputedElsewhere(String command) {
    String nowhere = " is not to be had here: engine cuda: " + reason;
    String remedy = "; without it, auto computes on the CPU";
    Object[] arguments = {command, experiment, "--out", out, "--device", "cuda:0,1"};
    assertRefused("device cuda:0,1" + nowhere + remedy, basin(arguments));
    arguments = new Object[] {command, experiment, "--out", out, "--precision", "tf32"};
    assertRefused("precision tf32" + nowhere + remedy, basin(arguments));
    arguments = new Object[] {command, experiment, "--out", out, "--set", "device=cuda"};
    assertRefused("device cuda" + nowhere + remedy, basin(arguments));
  }

  @Test
  void theCommandLineOverrulesTheFile() {
    Path asking = write(folder, "x.yaml", BasinCommand.TINY + "device: cuda\nprecision: tf32\n");
    assertEquals(2, basin("plan", asking, "--out", out, "--device", "auto").code());
    BasinCommand plan =
        basin("plan", asking, "--out", out, "--device", "auto", "--precision", "float32");
    assertEquals(0, plan.code(), plan.err());
  }

  @Test
  void theEngineByItsNameIsRefusedWithTheOthers() {
    for (String[] command :
        new String[][] {{"verify"}, {"bench"}, {"run", experiment.toString(), "--out=" + out}}) {
      Object[] arguments = new Object[command.length + 2];
      System.arraycopy(command, 0, arguments, 0, command.length);
      arguments[command.length] = "--engine";
      arguments[command.length + 1] = "cuda";
      BasinCommand refused = basin(arguments);
      assertEquals(2, refused.code(), refused.err());
      assertTrue(
          refused
              .err()
              .startsWith(
                  "basin: engine cuda cannot be used here: "
                      + reason
                      + "; allowed: auto, cpu (available: OpenBLAS"),
          refused.err());
      assertTrue(refused.err().contains("dl4j (available: "), refused.err());
      assertEquals(1, refused.err().lines().count(), refused.err());
      assertFalse(Files.exists(out), "nothing is written");
    }
  }

  @Test
  void doctorSaysWhatIsMissing() {
    BasinCommand doctor = basin("doctor");
    assertTrue(doctor.out().contains("engine cuda    not available: " + reason), doctor.out());
  }
}
