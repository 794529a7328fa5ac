package org.basin.cli;

import static org.basin.cli.BasinCommand.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.basin.engine.cuda.Emulator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands where the driver shows two GPUs, which the emulator of the tests is. */
final class EmulatedGpuTest {
  private static final String FIRST = "Emulated GPU 0 (compute capability 9.0)";
  private static final String SECOND = "Emulated GPU 1 (compute capability 9.0)";

  @TempDir Path folder;

  @BeforeAll
  static void emulator() {
    assumeTrue(Emulator.problem() == null, "no emulated GPU: " + Emulator.problem());
  }

  /** Compiled kernels stay from one run of the tests to the next. */
  private BasinCommand basin(Object... arguments) throws IOException, InterruptedException {
    Path kernels = Path.of("target", "cuda-kernels").resolve(Emulator.folder().getFileName());
    return basin(Map.of("BASIN_DATA", kernels.toAbsolutePath().toString()), arguments);
  }

  private BasinCommand basin(Map<String, String> environment, Object... arguments)
      throws IOException, InterruptedException {
    return BasinCommand.elsewhere(
        folder, environment, List.of("-Dbasin.cuda.path=" + Emulator.folder()), arguments);
  }

  @Test
  void doctorNamesThem() throws IOException, InterruptedException {
    BasinCommand doctor = basin("doctor");
    assertEquals(0, doctor.code(), doctor.err());
    assertTrue(
        doctor
            .out()
            .contains(
                "engine cuda    available: 2 GPUs: %s, %s, driver for CUDA 13.0, NVRTC 13.0, cuBLAS 13.0.0"
                    .formatted(FIRST, SECOND)),
        doctor.out());
  }

  @Test
  void aGpuThatIsNotThereIsRefusedWithThoseThatAre() throws IOException, InterruptedException {
    Path out = folder.resolve("run");
    Path experiment = write(folder, "tiny.yaml", BasinCommand.TINY.replace("engine: cpu\n", ""));
    BasinCommand run = basin("run", experiment, "--out", out, "--device", "cuda:7");
    assertEquals(2, run.code(), run.err());
    assertEquals(
        "basin: device cuda:7 is not to be had here: engine cuda: there is no GPU 7; this process"
            + " sees 0: %s, 1: %s; without it, auto computes on the CPU".formatted(FIRST, SECOND),
        run.err().strip());
    assertFalse(Files.exists(out), "nothing is written");
  }

  @Test
  void resultsSayOnWhatAndHowTheyWereComputed() throws IOException, InterruptedException {
    Path out = folder.resolve("run");
    Path experiment =
        write(folder, "tiny.yaml", BasinCommand.TINY.replace("engine: cpu", "precision: tf32"));
    BasinCommand run = basin("run", experiment, "--out", out, "--device=cuda:1", "--shard=1/2");
    assertEquals(0, run.code(), run.err());
    assertTrue(run.err().contains("engine cuda: " + SECOND), run.err());
    JsonNode engine =
        JsonMapper.builder()
            .build()
            .readTree(out.resolve("provenance.json").toFile())
            .findPath("engine");
    assertEquals("cuda", engine.path("name").asText());
    assertEquals(SECOND, engine.path("device").asText());
    assertEquals("tf32", engine.path("precision").asText());
    String table = Files.readString(out.resolve("results.csv"));
    assertEquals(2, table.lines().skip(1).filter(row -> row.contains(",tf32,")).count(), table);
  }

  /** The emulated compiler calls one that is not there then. */
  @Test
  void kernelsThatDoNotCompileEndTheRunInOneLine() throws IOException, InterruptedException {
    Path experiment = write(folder, "tiny.yaml", BasinCommand.TINY.replace("engine: cpu\n", ""));
    Map<String, String> environment =
        Map.of("BASIN_DATA", folder.resolve("kernels").toString(), "PATH", folder.toString());
    BasinCommand run =
        basin(environment, "run", experiment, "--out", folder.resolve("run"), "--device=cuda:0");
    assertEquals(3, run.code(), run.err());
    List<String> told =
        run.err().lines().filter(line -> !line.matches("\\d\\d:\\d\\d:\\d\\d INFO .*")).toList();
    assertEquals(1, told.size(), run.err());
    assertTrue(
        told.getFirst()
            .startsWith("basin: %s (cuda:0) cannot be computed on: compiling ".formatted(FIRST)),
        run.err());
  }
}
