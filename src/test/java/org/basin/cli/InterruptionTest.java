package org.basin.cli;

import static org.basin.cli.BasinCommand.basin;
import static org.basin.cli.BasinCommand.files;
import static org.basin.cli.BasinCommand.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Sweeps that are killed, and sweeps that two processes train at once. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "signals are sent with kill")
@Timeout(120)
final class InterruptionTest {
  private static final String SWEEP =
      """
      name: sweep
      data: {source: iris, validationFraction: 0.2, labelNoise: {kind: redraw, fraction: 0.15}}
      model: {depth: 1}
      training: {epochs: 6000, batchSize: 8, evaluateEvery: 2000}
      seeds: 3
      workers: 2
      sweep: {grid: {model.width: [4, 6, 8, 12]}}
      """;

  @TempDir static Path shared;
  @TempDir Path folder;
  private static Path file;
  private static Path whole;

  @BeforeAll
  static void trainUninterrupted() {
    file = write(shared, "sweep.yaml", SWEEP);
    whole = shared.resolve("whole");
    assertEquals(0, basin("run", file, "--out", whole).code());
  }

  @Test
  void aSweepThatWasKilledThreeTimesGivesTheSameTable() throws Exception {
    Path killed = folder.resolve("killed");
    Random random = new Random(3);

    // What a signal's exit code is: 128 and its number. KILL first, the rudest.
    interrupt("KILL", 137, killed, random);
    interrupt("TERM", 143, killed, random);
    interrupt("INT", 130, killed, random);

    int done = results(killed);
    assertTrue(done >= 3 && done < 12, done + " replicas were done");
    BasinCommand last = basin("run", file, "--out", killed);
    assertEquals(0, last.code(), last.err());
    assertTrue(
        last.out().contains("12 replicas, %d done, %d to train".formatted(done, 12 - done)),
        last.out());
    assertEquals(RunCommandTest.figures(whole), RunCommandTest.figures(killed));
    assertEquals(files(whole), files(killed), "no .part or .claim stays behind");
  }

  /** Lets one more replica be trained, waits a random moment and sends {@code signal}. */
  private void interrupt(String signal, int code, Path run, Random random) throws Exception {
    Path out = folder.resolve(signal + ".out");
    Path err = folder.resolve(signal + ".err");
    int before = Files.exists(run) ? results(run) : 0;
    Process process = BasinCommand.process(out, err, "run", file, "--out", run, "--workers", 1);
    while (process.isAlive() && (!Files.exists(run) || results(run) == before)) {
      Thread.sleep(5);
    }
    Thread.sleep(random.nextInt(30));
    long start = System.nanoTime();
    assertEquals(0, new ProcessBuilder("kill", "-" + signal, "" + process.pid()).start().waitFor());
    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    double seconds = (System.nanoTime() - start) * 1e-9;
    String log = Files.readString(err);
    assertEquals(code, process.exitValue(), log);
    assertTrue(seconds < 3, signal + " was answered after " + seconds + " s");
    if (!signal.equals("KILL")) {
      assertTrue(
          Files.readString(out).endsWith("the same command goes on from here\n"),
          Files.readString(out));
      assertFalse(log.contains("ERROR") || log.contains("basin:"), log);
      for (String each : files(run)) {
        assertFalse(each.endsWith(".part"), each);
      }
    }
  }

  @Test
  void twoProcessesShareARunFolder() throws Exception {
    Path run = folder.resolve("run");
    List<Process> processes =
        List.of(
            BasinCommand.process(
                folder.resolve("0.out"), folder.resolve("0.err"), "run", file, "--out", run),
            BasinCommand.process(
                folder.resolve("1.out"), folder.resolve("1.err"), "run", file, "--out", run));
    int trained = 0;
    List<Integer> codes = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      assertTrue(processes.get(i).waitFor(60, TimeUnit.SECONDS));
      String out = Files.readString(folder.resolve(i + ".out"));
      String err = Files.readString(folder.resolve(i + ".err"));
      codes.add(processes.get(i).exitValue());
      assertTrue(err.lines().allMatch(line -> line.contains("INFO")), err);
      trained += number("(\\d+) to train", out) - number(", (\\d+) were left to another", out);
    }
    // The first to end may leave replicas that the other is still training.
    assertTrue(Set.of(0, 3).containsAll(codes) && codes.contains(0), codes.toString());
    assertEquals(12, trained, "every replica is trained once");
    assertEquals(12, results(run));
    assertEquals(RunCommandTest.figures(whole), RunCommandTest.figures(run));
    assertEquals(files(whole), files(run));
  }

  private static int number(String pattern, String text) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
  }

  private static int results(Path run) throws IOException {
    int count = 0;
    for (String file : files(run)) {
      count += file.endsWith("result.json") ? 1 : 0;
    }
    return count;
  }
}
