package org.basin.cli;

import static org.basin.cli.BasinCommand.basin;
import static org.basin.cli.BasinCommand.files;
import static org.basin.cli.BasinCommand.write;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contracts of a run folder, through the command. */
final class RunCommandTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir static Path shared;
  @TempDir Path folder;
  private static Path experiment;
  private static Path run;
  private static BasinCommand first;

  @BeforeAll
  static void train() {
    experiment = write(shared, "tiny.yaml", BasinCommand.TINY);
    run = shared.resolve("run");
    first = basin("run", experiment, "--out", run);
  }

  @Test
  void succeedsAndSaysWhereTheReportIs() {
    assertEquals(0, first.code(), first.err());
    assertTrue(first.out().endsWith("report: " + run.resolve("report.html") + "\n"), first.out());
    assertTrue(first.err().contains("engine dl4j"), "the log says which engine, and why");
    assertEquals(1, first.err().lines().count(), first.err());
  }

  @Test
  void leavesTheFilesOfTheContractAndNoOthers() throws IOException {
    List<String> points =
        Files.readAllLines(run.resolve("plan.jsonl")).stream()
            .map(line -> json(line).get("folder").asText())
            .toList();
    assertEquals(4, points.size());
    List<String> expected =
        new java.util.ArrayList<>(
            List.of(
                "experiment.yaml", "plan.jsonl", "provenance.json", "report.html", "results.csv"));
    for (String point : points) {
      assertTrue(point.matches("width=[48]-[0-9a-f]{8}/seed=[12]"), point);
      for (String file : List.of("history.csv", "model.safetensors", "model.zip", "result.json")) {
        expected.add(point + "/" + file);
      }
    }
    assertEquals(expected.stream().sorted().toList(), files(run));
    for (String file : files(run)) {
      assertTrue(Files.size(run.resolve(file)) > 0, file + " is empty");
    }
  }

  @Test
  void resultsAreCompleteAndAgreeWithTheHistory() throws IOException {
    for (String folder : replicas(run)) {
      JsonNode result = json(Files.readString(run.resolve(folder).resolve("result.json")));
      assertEquals(1, result.get("schemaVersion").asInt());
      assertEquals("completed", result.get("status").asText());
      int width = result.get("config").get("model").get("width").asInt();
      assertEquals(width, result.get("width").asInt());
      assertEquals(4 * width + width + 3 * width + 3, result.get("parameters").asInt());
      assertEquals(96, result.get("trainExamples").asInt());
      assertEquals(3, result.get("classes").asInt());
      assertEquals(9, result.get("steps").asInt());
      assertEquals(3, result.get("epochs").asInt());
      assertEquals("dl4j", result.get("engine").asText());
      assertEquals("float32", result.get("precision").asText());
      assertFalse(result.get("device").asText().isEmpty());
      assertTrue(result.get("seconds").asDouble() > 0);
      assertTrue(result.get("configHash").asText().matches("[0-9a-f]{64}"));
      assertTrue(result.get("dataHash").asText().matches("[0-9a-f]{64}"));
      assertEquals(folder, result.get("point").asText() + "/seed=" + result.get("seed").asLong());

      List<NamedCsvRecord> history = csv(run.resolve(folder).resolve("history.csv"));
      assertEquals(
          List.of("0", "3", "6", "9"), history.stream().map(row -> row.getField("step")).toList());
      for (String figure :
          List.of(
              "trainLoss",
              "trainError",
              "validationLoss",
              "validationError",
              "testLoss",
              "testError")) {
        assertEquals(
            result.get(figure).asDouble(),
            Double.parseDouble(history.getLast().getField(figure)),
            figure);
      }
      assertEquals(result.get("trainLoss").asDouble(), result.get("trainObjective").asDouble());
    }
  }

  @Test
  void theTableHasARowForEveryReplicaThatAgreesWithItsResult() throws IOException {
    List<NamedCsvRecord> table = csv(run.resolve("results.csv"));
    assertEquals(
        List.of(
            "point",
            "seed",
            "model.width",
            "status",
            "parameters",
            "width",
            "trainExamples",
            "classes",
            "steps",
            "epochs",
            "trainLoss",
            "trainError",
            "trainObjective",
            "validationLoss",
            "validationError",
            "testLoss",
            "testError",
            "seconds",
            "engine",
            "device",
            "precision",
            "configHash",
            "dataHash"),
        table.getFirst().getHeader());
    List<String> replicas = replicas(run);
    assertEquals(4, table.size());
    for (int i = 0; i < 4; i++) {
      NamedCsvRecord row = table.get(i);
      assertEquals(replicas.get(i), row.getField("point") + "/seed=" + row.getField("seed"));
      JsonNode result = json(Files.readString(run.resolve(replicas.get(i) + "/result.json")));
      row.getFieldsAsMap()
          .forEach(
              (column, field) -> {
                if (!column.equals("model.width")) {
                  assertEquals(result.get(column).asText(), field, column);
                }
              });
      assertEquals(row.getField("width"), row.getField("model.width"));
    }
  }

  @Test
  void provenanceNamesCommandEngineAndJdk() throws IOException {
    JsonNode provenance = json(Files.readString(run.resolve("provenance.json")));
    assertEquals(1, provenance.get("schemaVersion").asInt());
    assertEquals(1, provenance.get("sessions").size());
    JsonNode session = provenance.get("sessions").get(0);
    assertEquals("run %s --out %s".formatted(experiment, run), session.get("command").asText());
    assertEquals("dl4j", session.get("engine").get("name").asText());
    assertTrue(session.get("java").asText().contains(Runtime.version().toString()));
  }

  @Test
  void theReportIsWholeAndOffline() throws IOException {
    String report = Files.readString(run.resolve("report.html"));
    assertTrue(report.stripTrailing().endsWith("</html>"));
    assertFalse(report.matches("(?s).*<(script|link|img)[^>]*(src|href)=\"?http.*"));
  }

  @Test
  void theSameCommandTrainsNothingAgain() throws IOException {
    Map<String, FileTime> before = times();
    BasinCommand again = basin("run", experiment, "--out", run);
    assertEquals(0, again.code(), again.err());
    assertEquals("", again.err(), "no engine is opened, which the log would tell");
    assertTrue(again.out().contains("4 replicas, 4 done, 0 to train"), again.out());
    assertEquals(before, times());
  }

  @Test
  void aNewWidthTrainsOnlyItsReplicasInTheFolderOfAPlan() throws IOException {
    Path out = folder.resolve("run");
    BasinCommand plan = basin("plan", experiment, "--out", out);
    assertEquals(0, plan.code(), plan.err());
    assertEquals(List.of("plan.jsonl"), files(out));
    assertTrue(plan.out().contains("2 points, 4 replicas, 0 done; 36 steps to do"), plan.out());

    assertEquals(0, basin("run", experiment, "--out", out, "--shard", "1/2").code());
    assertEquals(2, csv(out.resolve("results.csv")).size());
    BasinCommand status = basin("status", out);
    assertTrue(
        status.out().contains("2 of 4 replicas are done (0 diverged), 2 missing"), status.out());
    BasinCommand wider =
        basin("run", experiment, "--out", out, "--set", "model.width=[4, 8, 16]", "--workers", 1);
    assertEquals(0, wider.code(), wider.err());
    assertTrue(wider.out().contains("6 replicas, 2 done, 4 to train"), wider.out());
    assertEquals(6, csv(out.resolve("results.csv")).size());
    assertEquals(2, json(Files.readString(out.resolve("provenance.json"))).get("sessions").size());
    BasinCommand replan = basin("plan", experiment, "--out", out);
    assertTrue(replan.out().contains("4 replicas, 4 done; 0 steps to do"), replan.out());
    assertTrue(replan.out().contains("is left as the run wrote it"), replan.out());
    assertEquals(6, Files.readAllLines(out.resolve("plan.jsonl")).size());

    Path table = folder.resolve("table.csv");
    assertEquals(0, basin("collect", run, out, "--out", table).code());
    assertEquals(10, csv(table).size());
    assertEquals("16", csv(table).getLast().getField("model.width"));
    Files.delete(out.resolve("results.csv"));
    assertEquals(0, basin("collect", out).code());
    assertEquals(6, csv(out.resolve("results.csv")).size());
    Path report = folder.resolve("elsewhere.html");
    assertEquals(0, basin("report", out, "--out", report).code());
    assertTrue(Files.size(report) > 100_000);
  }

  @Test
  void aDivergedReplicaIsRecordedAndTheRestIsDone() throws IOException {
    Path out = folder.resolve("run");
    BasinCommand command =
        basin(
            "run",
            write(
                folder,
                "x.yaml",
                """
                name: x
                data: {source: iris}
                model: {depth: 4, width: 16}
                training: {epochs: 2, batchSize: 32}
                sweep: {grid: {training.optimizer.learningRate: [0.01, 1e6]}}
                """),
            "--out",
            out);
    assertEquals(3, command.code(), command.err());
    assertTrue(command.out().contains("2 of 2 replicas are done, 1 of this session diverged"));
    String tame = replicas(out).get(0);
    String wild = replicas(out).get(1);
    assertTrue(Files.exists(out.resolve(tame + "/model.zip")));
    assertEquals(
        List.of("history.csv", "result.json"), files(out.resolve(wild)), "no model is saved");
    JsonNode result = json(Files.readString(out.resolve(wild + "/result.json")));
    assertEquals("diverged", result.get("status").asText());
    NamedCsvRecord row = csv(out.resolve("results.csv")).get(1);
    NamedCsvRecord last = csv(out.resolve(wild + "/history.csv")).getLast();
    for (String figure : List.of("trainLoss", "testLoss")) {
      assertTrue(result.get(figure).isNull(), figure + " is " + result.get(figure));
      assertEquals("", row.getField(figure));
      assertEquals("", last.getField(figure));
    }
    assertTrue(Files.exists(out.resolve("report.html")));

    BasinCommand again = basin("run", folder.resolve("x.yaml"), "--out", out);
    assertEquals(3, again.code(), "diverged is done, and still not well");
    assertTrue(again.out().contains("2 done, 0 to train"), again.out());
    assertTrue(basin("status", out).out().contains("2 of 2 replicas are done (1 diverged)"));
  }

  @Test
  void damagedReplicasAreNamedAndTrainedAgain() throws IOException {
    Path out = folder.resolve("run");
    basin("run", experiment, "--out", out, "--set", "seeds=4");
    String table = figures(out);
    List<String> replicas = replicas(out);
    Path halfWritten = out.resolve(replicas.get(0) + "/result.json");
    Files.writeString(halfWritten, Files.readString(halfWritten).substring(0, 200));
    Path garbage = out.resolve(replicas.get(1) + "/result.json");
    Files.write(garbage, new byte[] {0, 1, 2, (byte) 0xff});
    Path older = out.resolve(replicas.get(2) + "/result.json");
    Files.writeString(older, "{\"schemaVersion\": 0, \"loss\": 1}");
    Path missingModel = out.resolve(replicas.get(3) + "/model.zip");
    Files.delete(missingModel);
    Path corrupt = out.resolve(replicas.get(4) + "/history.csv");
    Files.writeString(corrupt, "step,epoch\nx,y\n");
    Path shortened = out.resolve(replicas.get(5) + "/history.csv");
    Files.write(shortened, Files.readAllLines(shortened).subList(0, 3));
    Path stray = out.resolve(replicas.get(5) + "/probes/left.json");
    Files.createDirectories(stray.getParent());
    Files.writeString(stray, "{}");
    Path otherData = out.resolve(replicas.get(6) + "/result.json");
    Files.writeString(
        otherData,
        Files.readString(otherData).replaceAll("\"dataHash\" : \"..", "\"dataHash\" : \"zz"));

    BasinCommand again = basin("run", experiment, "--out", out, "--set", "seeds=4");

    assertEquals(0, again.code(), again.err());
    assertTrue(again.out().contains("8 replicas, 1 done, 7 to train"), again.out());
    assertAll(
        () -> assertTrue(again.err().contains(halfWritten + " is damaged"), again.err()),
        () -> assertTrue(again.err().contains(garbage + " is damaged"), again.err()),
        () -> assertTrue(again.err().contains(older + " has schema version 0"), again.err()),
        () -> assertTrue(again.err().contains(missingModel + " is missing"), again.err()),
        () -> assertTrue(again.err().contains(corrupt + " is damaged"), again.err()),
        () -> assertTrue(again.err().contains(shortened + " is damaged"), again.err()),
        () ->
            assertTrue(
                again.err().contains(otherData.getParent() + " was trained on other data"),
                again.err()));
    assertEquals(8, again.err().lines().count(), again.err());
    assertFalse(Files.exists(stray), "nothing of it is kept");
    assertEquals(table, figures(out));
  }

  /** {@code results.csv} without the wall times. */
  static String figures(Path out) throws IOException {
    StringBuilder figures = new StringBuilder();
    for (NamedCsvRecord row : csv(out.resolve("results.csv"))) {
      Map<String, String> fields = row.getFieldsAsMap();
      fields.remove("seconds");
      figures.append(fields).append('\n');
    }
    return figures.toString();
  }

  private static Map<String, FileTime> times() throws IOException {
    Map<String, FileTime> times = new HashMap<>();
    for (String file : files(run)) {
      if (file.contains("seed=")) {
        times.put(file, Files.getLastModifiedTime(run.resolve(file)));
      }
    }
    return times;
  }

  private static List<String> replicas(Path out) throws IOException {
    return Files.readAllLines(out.resolve("plan.jsonl")).stream()
        .map(line -> json(line).get("folder").asText())
        .toList();
  }

  private static List<NamedCsvRecord> csv(Path file) throws IOException {
    try (CsvReader<NamedCsvRecord> reader = CsvReader.builder().ofNamedCsvRecord(file)) {
      return reader.stream().toList();
    }
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException damaged) {
      throw new java.io.UncheckedIOException(damaged);
    }
  }
}
