package org.basin.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import org.basin.InvalidInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RunFolderTest {
  private static final String PLAN =
      """
      {"folder": "width=4/seed=1", "varying": {"model.width": 4, "model.hidden": [4, 4]}}
      {"folder": "width=8/seed=1", "varying": {"model.width": 8, "model.hidden": []}}
      """;

  @TempDir Path folder;

  @Test
  void isMadeAndOpenedAgain() throws IOException {
    Path directory = folder.resolve("a/b");
    RunFolder.prepare(directory, "x", "name: x\n", PLAN);
    RunFolder.prepare(directory, "x", "name: x\nseeds: 2\n", PLAN);
    assertEquals("name: x\nseeds: 2\n", Files.readString(directory.resolve("experiment.yaml")));
    CompletedRun run = RunFolder.open(directory).load("x", "", new LinkedHashMap<>());
    assertEquals(2, run.planned());
    assertEquals(java.util.List.of("model.width", "model.hidden"), run.varying());
    assertTrue(run.replicas().isEmpty());
  }

  @Test
  void holdsWhatAKilledProcessLeft() throws IOException {
    Files.writeString(folder.resolve("plan.jsonl"), "");
    Files.writeString(folder.resolve("experiment.yaml.1.part"), "na");
    assertNull(RunFolder.openIfStarted(folder, "x"));
    RunFolder.prepare(folder, "x", "name: x\n", PLAN);
    assertNotNull(RunFolder.openIfStarted(folder, "x"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"name: y", "name: \"y\"", "name: 'y'"})
  void refusesAnotherExperiment(String line) throws IOException {
    Files.writeString(folder.resolve("experiment.yaml"), "# name: x\n" + line + "\n");
    String message =
        assertThrows(
                InvalidInputException.class,
                () -> RunFolder.prepare(folder, "x", "name: x\n", PLAN))
            .getMessage();
    assertEquals(
        folder + " holds another experiment, y; allowed for --out: a folder of x, or none yet",
        message);
    assertFalse(Files.exists(folder.resolve("plan.jsonl")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"thesis.tex", ".git", "results.csv", "thesis.part"})
  void refusesOtherFiles(String name) throws IOException {
    Files.writeString(folder.resolve(name), "");
    assertThrows(
        InvalidInputException.class, () -> RunFolder.prepare(folder, "x", "name: x\n", PLAN));
    assertThrows(InvalidInputException.class, () -> RunFolder.writePlan(folder, "x", PLAN));
    assertThrows(InvalidInputException.class, () -> RunFolder.open(folder));
  }

  @Test
  void whatCannotBeWrittenWhollyIsTakenBack() throws IOException {
    // A folder where a file should be: the plan can be written, the experiment cannot.
    Path directory = folder.resolve("run");
    Files.createDirectories(directory);
    long process = ProcessHandle.current().pid();
    Files.createDirectories(directory.resolve("experiment.yaml." + process + ".part"));
    assertThrows(
        InvalidInputException.class, () -> RunFolder.prepare(directory, "x", "name: x\n", PLAN));
    assertFalse(Files.exists(directory.resolve("plan.jsonl")));
    assertThrows(
        InvalidInputException.class,
        () -> RunFolder.prepare(Path.of("/proc/none/such"), "x", "name: x\n", PLAN));
  }

  @Test
  void sessionsAddUpAndDamageStartsThemAnew() throws IOException {
    RunFolder run = RunFolder.prepare(folder, "x", "name: x\n", PLAN);
    run.addSession(JsonNodeFactory.instance.objectNode().put("command", "first"));
    run.addSession(JsonNodeFactory.instance.objectNode().put("command", "second"));
    assertEquals(2, sessions());
    Files.writeString(folder.resolve("provenance.json"), "{\"sess");
    run.addSession(JsonNodeFactory.instance.objectNode().put("command", "third"));
    assertEquals(1, sessions());
  }

  private int sessions() throws IOException {
    return JsonMapper.builder()
        .build()
        .readTree(Files.readString(folder.resolve("provenance.json")))
        .get("sessions")
        .size();
  }

  @Test
  void damagedResultsAreLeftOut() throws IOException {
    RunFolder run = RunFolder.prepare(folder, "x", "name: x\n", PLAN);
    Path replica = Files.createDirectories(folder.resolve("width=8/seed=1"));
    ResultFile.write(replica.resolve("result.json"), Results.result("completed", 1));
    HistoryFile.write(replica.resolve("history.csv"), java.util.List.of(Results.row(10, 1)));
    Path damaged = Files.createDirectories(folder.resolve("width=4/seed=1"));
    Files.writeString(damaged.resolve("result.json"), "{");
    CompletedRun completed = run.load("x", "", new LinkedHashMap<>());
    assertEquals(1, completed.replicas().size());
    assertEquals("[]", completed.replicas().getFirst().varying().get("model.hidden"));
    run.writeTables(completed);
    assertEquals(2, Files.readAllLines(folder.resolve("results.csv")).size());
  }

  @Test
  void aDamagedPlanIsNamedWithItsLine() {
    RunFolder run = RunFolder.prepare(folder, "x", "name: x\n", PLAN + "{\n");
    String message =
        assertThrows(InvalidInputException.class, () -> run.load("x", "", new LinkedHashMap<>()))
            .getMessage();
    assertTrue(message.startsWith(folder.resolve("plan.jsonl") + ":3 is damaged"), message);
    assertEquals(1, message.lines().count(), message);
  }
}
