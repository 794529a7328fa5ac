package org.basin.cli;

import static org.basin.cli.BasinCommand.basin;
import static org.basin.cli.BasinCommand.files;
import static org.basin.cli.BasinCommand.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Studies through the commands. */
@Timeout(120)
final class StudyCommandsTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Of the monkey saddle's four predictions, so few runs decide two. */
  private static final String STUDIES =
      """
      studies:
        origin-escape: {runs: 20, stepLimit: 1000}
        few: {kind: monkey-escape, runs: 20, starts: [3e-3, 6e-3, 1.2e-2], seed: 2}
      """;

  @TempDir Path folder;
  private Path file;
  private Path run;

  @BeforeEach
  void writeExperiment() {
    file = write(folder, "x.yaml", "name: x\n" + STUDIES);
    run = folder.resolve("run");
  }

  private BasinCommand done(Object... arguments) {
    BasinCommand command = basin(arguments);
    assertEquals(0, command.code(), command.err());
    return command;
  }

  private JsonNode study(String label) throws IOException {
    return JSON.readTree(Files.readString(run.resolve("studies/" + label + ".json")));
  }

  @Test
  void studiesAloneAreRunAndNothingIsTrained() throws IOException {
    BasinCommand first = done("run", file, "--out", run);
    assertEquals("", first.err());
    List<String> lines = first.out().lines().toList();
    assertEquals("x: 2 studies, 0 done, 2 to run", lines.getFirst());
    assertTrue(first.out().contains("\norigin-escape: 4 of 4 predictions hold, "), first.out());
    assertTrue(first.out().contains("\nfew (monkey-escape): 2 of 4 predictions hold, "));
    assertTrue(
        first.out().contains("\n  undecided: log–log slope of the steps in 1/u₀, down a valley: "),
        first.out());
    assertTrue(lines.get(lines.size() - 2).startsWith("nothing to train; "), first.out());
    assertEquals("report: " + run.resolve("report.html"), lines.getLast());
    assertEquals(
        List.of(
            "experiment.yaml",
            "plan.jsonl",
            "provenance.json",
            "report.html",
            "results.csv",
            "studies.csv",
            "studies/few-monkey.csv",
            "studies/few.json",
            "studies/origin-escape-factorizationDistribution.csv",
            "studies/origin-escape-fromOrigin.csv",
            "studies/origin-escape-networkDistribution.csv",
            "studies/origin-escape-origin.csv",
            "studies/origin-escape.json"),
        files(run));
    assertEquals("", Files.readString(run.resolve("plan.jsonl")));
    assertEquals(1, Files.readAllLines(run.resolve("results.csv")).size());
    JsonNode few = study("few");
    assertEquals(1, few.path("schemaVersion").asInt());
    assertEquals("monkey-escape", few.at("/identity/kind").asText());
    assertEquals(2, few.at("/identity/seed").asInt());
    assertEquals(20, few.at("/identity/options/runs").asInt());
    assertEquals(0.3, few.at("/identity/options/radius").asDouble());
    List<String> table = Files.readAllLines(run.resolve("studies.csv"));
    assertEquals(1 + 4 + 4, table.size());
    assertTrue(table.get(1).startsWith("origin-escape,origin-escape,"), table.get(1));
    assertEquals(2, table.stream().filter(line -> line.contains(",undecided,")).count());
    JsonNode session =
        JSON.readTree(Files.readString(run.resolve("provenance.json"))).at("/sessions/0");
    assertTrue(session.path("engine").isMissingNode() && session.has("java"), session.toString());
  }

  @Test
  void everyCommandTakesARunWithoutReplicas() throws IOException {
    BasinCommand plan = done("plan", file, "--out", run);
    assertTrue(
        plan.out()
            .startsWith(
                """
                study           seed  kind
                origin-escape      1  origin-escape
                few                2  monkey-escape
                2 studies, 0 done
                nothing to train: the experiment states studies alone
                """),
        plan.out());
    done("run", file, "--out", run);
    assertTrue(done("plan", file, "--out", run).out().contains("2 studies, 2 done"));
    String status = done("status", run).out();
    assertTrue(status.contains("few (monkey-escape): 2 of 4 predictions hold, "), status);
    assertTrue(status.endsWith("2 of 2 studies are done, 0 missing, 0 to be run again\n"), status);
    Files.delete(run.resolve("studies.csv"));
    assertEquals(
        "0 replicas: %s\n2 studies: %s\n"
            .formatted(run.resolve("results.csv"), run.resolve("studies.csv")),
        done("collect", run).out());
    assertTrue(Files.exists(run.resolve("studies.csv")));
    Files.delete(run.resolve("report.html"));
    done("report", run);
    assertTrue(Files.readString(run.resolve("report.html")).contains("\"planned\":0"));
    BasinCommand probe = basin("probe", run, "--probe", "hessian");
    assertEquals(2, probe.code());
    assertEquals(
        "basin: " + run + " has no networks to measure: its experiment states studies alone\n",
        probe.err());
  }

  @Test
  void onlyWhatIsMissingChangedOrDamagedIsRunAgain() throws IOException {
    done("run", file, "--out", run);
    JsonNode origin = study("origin-escape");
    JsonNode few = study("few");
    BasinCommand again = done("run", file, "--out", run);
    assertTrue(again.out().startsWith("x: 2 studies, 2 done, 0 to run\nnothing to train"));

    BasinCommand other = done("run", file, "--out", run, "--set", "studies.few.runs=21");
    assertTrue(other.out().startsWith("x: 2 studies, 1 done, 1 to run\nfew "), other.out());
    assertTrue(other.err().contains("few.json was measured with another options; running"));
    assertEquals(origin, study("origin-escape"));
    assertNotEquals(few.path("scalars"), study("few").path("scalars"));

    Files.writeString(run.resolve("studies/few.json"), "{\"schemaVersion\": 1");
    String status = done("status", run).out();
    assertTrue(status.contains("to be run again: " + run.resolve("studies/few.json")), status);
    assertTrue(status.endsWith("1 of 2 studies are done, 0 missing, 1 to be run again\n"), status);
    BasinCommand damaged = done("run", file, "--out", run);
    assertTrue(damaged.err().contains("few.json is damaged"), damaged.err());
    assertEquals(few.path("scalars"), study("few").path("scalars"));
  }

  @Test
  void aStudyThatTheExperimentNoLongerHasStaysButIsNotShown() throws IOException {
    done("run", file, "--out", run);
    Path fewer =
        write(folder, "y.yaml", "name: x\nstudies: [few: {kind: origin-escape, runs: 20}]\n");
    done("run", fewer, "--out", run);
    assertTrue(Files.exists(run.resolve("studies/origin-escape.json")));
    assertFalse(done("status", run).out().contains("origin-escape:"));
    assertTrue(
        Files.readAllLines(run.resolve("studies.csv")).stream()
            .skip(1)
            .allMatch(line -> line.startsWith("few,origin-escape,")));
    Path none = write(folder, "z.yaml", BasinCommand.TINY.replace("name: tiny", "name: x"));
    done("run", none, "--out", run);
    assertFalse(Files.exists(run.resolve("studies.csv")));
    assertTrue(Files.exists(run.resolve("studies/few.json")));
  }

  @Test
  void studiesAndNetworksShareARun() throws IOException {
    Path both = write(folder, "both.yaml", BasinCommand.TINY + STUDIES);
    BasinCommand command = done("run", both, "--out", run);
    assertTrue(command.out().startsWith("tiny: 2 studies, 0 done, 2 to run\n"), command.out());
    assertTrue(command.out().contains("\ntiny: 4 replicas, 0 done, 4 to train (36 steps)\n"));
    assertTrue(command.out().contains("\n4 of 4 replicas are done; "), command.out());
    assertEquals(5, Files.readAllLines(run.resolve("results.csv")).size());
    assertEquals(9, Files.readAllLines(run.resolve("studies.csv")).size());
    String status = done("status", run).out();
    assertTrue(status.contains("\n4 of 4 replicas are done"), status);
    assertTrue(status.contains("\n2 of 2 studies are done"), status);
  }

  /** Of several parts of a sweep, the first has the studies. */
  @Test
  void studiesBelongToTheFirstShard() {
    Path both = write(folder, "both.yaml", BasinCommand.TINY + STUDIES);
    assertFalse(done("run", both, "--out", run, "--shard", "2/2").out().contains("studies"));
    assertTrue(done("run", both, "--out", run, "--shard", "1/2").out().contains("2 studies"));
    assertTrue(done("status", run).out().contains("2 of 2 studies are done"));
  }

  @Test
  void optionsThatCannotGoTogetherAreRefusedBeforeAnythingIsWritten() {
    BasinCommand command =
        basin("run", file, "--out", run, "--set", "studies.origin-escape.hidden=5");
    assertEquals(2, command.code());
    assertEquals(
        "basin: --set studies.origin-escape.hidden=5: studies.origin-escape.hidden is 5, allowed: a"
            + " whole number from 1 to 4\n",
        command.err());
    assertFalse(Files.exists(run));
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "signals are sent with kill")
  void aSignalStopsStudiesSoonAndTheSameCommandGoesOn() throws Exception {
    Path slow =
        write(
            folder,
            "slow.yaml",
            "name: x\nworkers: 1\n" + STUDIES + "  slow: {kind: chain-escape, runs: 100000}\n");
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process process = BasinCommand.process(out, err, "run", slow, "--out", run);
    while (process.isAlive() && !Files.readString(out).contains("few (monkey-escape): ")) {
      Thread.sleep(5);
    }
    final long start = System.nanoTime();
    assertEquals(0, new ProcessBuilder("kill", "-TERM", "" + process.pid()).start().waitFor());
    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    double seconds = (System.nanoTime() - start) * 1e-9;
    assertTrue(seconds < 3, "SIGTERM was answered after " + seconds + " s");
    assertEquals(143, process.exitValue(), Files.readString(err));
    assertEquals("", Files.readString(err));
    assertTrue(
        Files.readString(out)
            .endsWith("stopped with 2 of 3 studies done; the same command goes on from here\n"),
        Files.readString(out));
    assertEquals(
        List.of(
            "experiment.yaml",
            "plan.jsonl",
            "provenance.json",
            "studies/few-monkey.csv",
            "studies/few.json",
            "studies/origin-escape-factorizationDistribution.csv",
            "studies/origin-escape-fromOrigin.csv",
            "studies/origin-escape-networkDistribution.csv",
            "studies/origin-escape-origin.csv",
            "studies/origin-escape.json"),
        files(run));
    BasinCommand last = done("run", slow, "--out", run, "--set", "studies.slow.runs=10");
    assertTrue(last.out().startsWith("x: 3 studies, 2 done, 1 to run\nslow "), last.out());
  }
}
