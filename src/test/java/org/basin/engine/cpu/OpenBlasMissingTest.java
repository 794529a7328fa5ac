package org.basin.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Basin in a process of its own, on a classpath without OpenBLAS's library for this platform. */
class OpenBlasMissingTest {

  private record Run(int code, String output) {}

  private static Run basin(String... arguments) throws Exception {
    String classpath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !entry.matches(".*openblas-[0-9.-]+-[a-z]+-[a-z0-9_]+\\.jar"))
            .collect(Collectors.joining(File.pathSeparator));
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classpath,
                "org.basin.cli.Basin"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(process.waitFor(), output);
  }

  @Test
  void doctorSaysWhyAndWhatToDo() throws Exception {
    Run doctor = basin("doctor");
    assertEquals(0, doctor.code());
    assertTrue(
        doctor.output().contains("engine cpu     not available: OpenBLAS cannot be loaded"),
        doctor.output());
    assertTrue(doctor.output().contains("mvn package"), doctor.output());
  }

  @Test
  void autoFindsNoEngineAndSaysWhyOfEach() throws Exception {
    Path out = Path.of("target", "openblas-missing-auto");
    Run run = basin("run", "experiments/smoke.yaml", "--out", out.toString());
    assertEquals(2, run.code(), run.output());
    String last = run.output().lines().toList().getLast();
    assertTrue(last.startsWith("basin: no engine can be used here"), run.output());
    assertTrue(last.contains("dl4j (not available: OpenBLAS has no library"), run.output());
    assertFalse(out.toFile().exists());
  }

  @Test
  void theEngineAskedForByNameIsRefusedInOneLine() throws Exception {
    Path out = Path.of("target", "openblas-missing");
    Run run = basin("run", "experiments/smoke.yaml", "--engine", "cpu", "--out", out.toString());
    assertEquals(2, run.code(), run.output());
    assertTrue(run.output().startsWith("basin: engine cpu cannot be used here"), run.output());
    assertEquals(1, run.output().lines().count(), run.output());
    assertFalse(out.toFile().exists());
  }
}
