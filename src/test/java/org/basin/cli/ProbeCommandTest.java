package org.basin.cli;

import static org.basin.cli.BasinCommand.basin;
import static org.basin.cli.BasinCommand.files;
import static org.basin.cli.BasinCommand.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.basin.engine.EngineRegistry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code basin probe} on a run of four small networks. */
final class ProbeCommandTest {
  private static final String EXPERIMENT =
      """
      name: probed
      data: {source: iris, labelNoise: {kind: redraw, fraction: 0.2}}
      model: {depth: 1, batchNorm: true}
      training: {epochs: 3, batchSize: 32, labelSmoothing: 0.1, optimizer: {l2: 0.01}}
      seeds: 2
      sweep:
        grid:
          model.width: [3, 5]
      """;

  @TempDir Path folder;
  private Path run;

  @BeforeEach
  void train() {
    run = folder.resolve("run");
    BasinCommand trained = basin("run", write(folder, "x.yaml", EXPERIMENT), "--out", run);
    assertEquals(0, trained.code(), trained.err());
  }

  private List<String> found(String suffix) {
    return files(run).stream().filter(file -> file.endsWith(suffix)).toList();
  }

  private JsonNode json(String file) throws IOException {
    return new ObjectMapper().readTree(run.resolve(file).toFile());
  }

  @Test
  void everyReplicaIsMeasuredOnce() throws IOException {
    BasinCommand probe = basin("probe", run, "--probe=hessian", "--set", "largest=4");
    assertEquals(0, probe.code(), probe.err());
    assertEquals(5, probe.out().lines().count(), probe.out());
    assertTrue(probe.out().endsWith("hessian: 4 measured, 0 were there already\n"), probe.out());
    List<String> files = found("/probes/hessian.json");
    assertEquals(4, files.size());
    for (String file : files) {
      JsonNode written = json(file);
      assertEquals(2, written.get("schemaVersion").asInt());
      JsonNode request = written.get("identity");
      assertEquals(4, request.get("options").get("largest").asInt());
      assertEquals("frozen", request.get("objective").get("batchNorm").asText());
      assertEquals("cross-entropy", request.get("objective").get("loss").asText());
      assertEquals(0.1, request.get("objective").get("labelSmoothing").asDouble());
      assertEquals(0.01, request.get("objective").get("l2").asDouble());
      String best = EngineRegistry.standard().answersObjectives("cuda") ? "cuda" : "cpu";
      assertEquals(best, request.get("engine").asText());
      JsonNode values = written.get("details");
      assertEquals(120, values.get("examples").asInt());
      assertEquals(4, values.get("largest").size());
      assertEquals(3, values.get("smallest").size());
      double previous = Double.POSITIVE_INFINITY;
      for (JsonNode each : values.get("largest")) {
        JsonNode eigenvalue = each.get("eigenvalue");
        assertTrue(eigenvalue.get("converged").asBoolean());
        assertTrue(eigenvalue.get("standardError").asDouble() > 0);
        assertTrue(eigenvalue.get("value").asDouble() <= previous);
        previous = eigenvalue.get("value").asDouble();
      }
      assertTrue(values.get("trace").get("standardError").asDouble() > 0);
      // tr H = tr G + tr R, measured apart.
      assertEquals(
          values.get("trace").get("value").asDouble(),
          values.get("gaussNewtonTrace").get("value").asDouble()
              + values.get("residualTrace").get("value").asDouble(),
          1e-5);
    }

    byte[] before = Files.readAllBytes(run.resolve(files.getFirst()));
    BasinCommand again = basin("probe", run, "--probe=hessian", "--set", "largest=4");
    assertEquals("hessian: 0 measured, 4 were there already\n", again.out());
    assertEquals(0, again.code());
    assertArrayEquals(before, Files.readAllBytes(run.resolve(files.getFirst())));

    BasinCommand other = basin("probe", run, "--probe=hessian", "--set=largest=2");
    assertTrue(other.out().endsWith("hessian: 4 measured, 0 were there already\n"), other.out());
    assertEquals(2, json(files.getFirst()).get("details").get("largest").size());
  }

  /** What computes is what the file of the run says, unless the command says something else. */
  @Test
  void theRunsFileSaysWhatComputes() throws IOException {
    Path file = run.resolve("experiment.yaml");
    String text = Files.readString(file);
    Files.writeString(file, text + "engine: dl4j\n");
    // It only trains: the best of the others answers.
    BasinCommand probe = basin("probe", run, "--probe=sharpness");
    assertEquals(0, probe.code(), probe.err());
    BasinCommand named = basin("probe", run, "--probe=hessian", "--engine=dl4j");
    assertEquals(2, named.code());
    assertTrue(named.err().contains("dl4j"), named.err());

    Files.writeString(file, text + "device: cuda:63\n");
    BasinCommand absent = basin("probe", run, "--probe=hessian");
    assertEquals(2, absent.code());
    assertTrue(absent.err().contains("cuda"), absent.err());
    assertEquals(List.of(), found("/probes/hessian.json"));
    assertEquals(0, basin("probe", run, "--probe=hessian", "--device=auto").code());
  }

  /** One at a time, the largest first. */
  @Test
  void soManyAreMeasuredAtOnceAsWorkersAre() {
    BasinCommand probe = basin("probe", run, "--probe=hessian", "--workers=1");
    assertEquals(0, probe.code(), probe.err());
    List<String> measured =
        probe.out().lines().limit(4).map(line -> line.replaceAll("-.*", "")).toList();
    assertEquals(
        List.of("1/4 width=5", "2/4 width=5", "3/4 width=3", "4/4 width=3"), measured, probe.out());
    BasinCommand none = basin("probe", run, "--probe=sharpness", "--workers=0");
    assertEquals(2, none.code());
    assertTrue(
        none.err().contains("--workers is 0, allowed: a whole number from 1 to 4096"), none.err());
  }

  private List<String> lines(String file) throws IOException {
    return Files.readAllLines(run.resolve(file));
  }

  /** 3 epochs of 4 steps: the training is seen again from its start to the trained network. */
  @Test
  void theCourseOfTrainingEndsAtTheTrainedNetwork() throws IOException {
    BasinCommand probe =
        basin("probe", run, "--probe=hessian", "--set=everySteps=6", "--set=largest=2");
    assertEquals(0, probe.code(), probe.err());
    assertFalse(probe.err().contains("ends near the stored network"), probe.err());
    for (String file : found("/probes/hessian-course.csv")) {
      List<String> rows = lines(file);
      assertEquals(4, rows.size());
      String header = rows.getFirst();
      assertTrue(
          header.startsWith(
              "step,learningRate,largestEigenvalue,largestEigenvalue.standardError,"
                  + "largestEigenvalue.converged,"),
          header);
      assertTrue(rows.get(1).startsWith("0,0.1,"), rows.get(1));
      assertTrue(rows.get(2).startsWith("6,0.1,"), rows.get(2));
      assertTrue(rows.get(3).startsWith("12,0.1,"), rows.get(3));
      double last = Double.parseDouble(rows.get(3).split(",", -1)[2]);
      JsonNode trained =
          json(file.replace("-course.csv", ".json")).at("/scalars/largestEigenvalue/value");
      assertEquals(trained.asDouble(), last, 1e-5 * last);
    }
  }

  @Test
  void partsOfTheExamplesGiveAnErrorOfTheirOwn() throws IOException {
    BasinCommand probe =
        basin("probe", run, "--probe=hessian", "--set=examples=40", "--set=subsamples=3");
    assertEquals(0, probe.code(), probe.err());
    JsonNode written = json(found("/probes/hessian.json").getFirst());
    assertEquals(40, written.at("/details/examples").asInt());
    JsonNode trace = written.at("/scalars/trace");
    assertEquals("subsample", trace.at("/sources/0/source").asText());
    assertEquals(2, trace.at("/sources/0/degreesOfFreedom").asInt());
    assertTrue(trace.get("standardError").asDouble() > 0.01 * trace.get("value").asDouble());

    // A figure that some part does not have is none of the whole.
    BasinCommand looked = basin("probe", run, "--probe=trajectory", "--set=examples=40");
    assertEquals(2, looked.code(), looked.out()); // 4 parts of 40 are more than 120
    looked = basin("probe", run, "--probe=trajectory", "--set=examples=40", "--set=subsamples=3");
    assertEquals(0, looked.code(), looked.err());
    JsonNode edge = json(found("/probes/trajectory.json").getFirst()).at("/scalars/edgeReached");
    assertTrue(edge.get("value").isNull() && !edge.get("converged").asBoolean());
  }

  /** One replica of four is measured with other options: no mean is taken over both. */
  @Test
  void whatWasMeasuredOtherwiseIsNoPartOfTheTable() throws IOException {
    basin("probe", run, "--probe=hessian", "--set=largest=2");
    String odd = found("/probes/hessian.json").getFirst();
    String whole = Files.readString(run.resolve(odd));
    basin("probe", run, "--probe=hessian", "--set=largest=3");
    Files.writeString(run.resolve(odd), whole);
    BasinCommand collected = basin("report", run);
    assertEquals(0, collected.code(), collected.err());
    assertTrue(
        collected.err().contains("1 hessian measurements were made with other options"),
        collected.err());
  }

  @Test
  void anExperimentNamesItsProbes() throws IOException {
    String probed = EXPERIMENT + "probes: [hessian: {largest: 2}]\n";
    Path file = write(folder, "probed.yaml", probed);
    // The networks are there: they are measured, not trained again.
    BasinCommand ran = basin("run", file, "--out", run);
    assertEquals(0, ran.code(), ran.err());
    assertTrue(ran.out().contains("4 done, 0 to train"), ran.out());
    assertTrue(ran.out().contains("hessian: 4 measured, 0 were there already"), ran.out());
    List<String> table = lines("results.csv");
    assertTrue(
        table.getFirst().contains(",hessian.trace,hessian.trace.standardError,"), table.getFirst());
    assertTrue(table.get(1).endsWith("true"), table.get(1));
    BasinCommand again = basin("run", file, "--out", run);
    assertTrue(again.out().contains("hessian: 0 measured, 4 were there already"), again.out());

    Path tooMany = write(folder, "z.yaml", EXPERIMENT + "probes: [hessian: {examples: 31}]\n");
    BasinCommand refused = basin("run", tooMany, "--out", folder.resolve("none"));
    assertEquals(2, refused.code());
    assertTrue(
        refused.err().contains("examples 31 in 4 disjoint subsamples need 124 training examples"),
        refused.err());
    assertFalse(Files.exists(folder.resolve("none")));
  }

  @Test
  void aMeasurementOfAnotherVersionOrDamagedIsMadeAgain() throws IOException {
    basin("probe", run, "--probe=hessian");
    List<String> files = found("hessian.json");
    write(run, files.get(0), Files.readString(run.resolve(files.get(0))).replaceFirst("2,", "0,"));
    write(run, files.get(1), "{");
    BasinCommand again = basin("probe", run, "--probe=hessian");
    assertEquals(0, again.code(), again.err());
    assertTrue(again.out().endsWith("hessian: 2 measured, 2 were there already\n"), again.out());
    assertTrue(
        again.err().contains("has schema version 0, this Basin reads 2; measuring again"),
        again.err());
    assertTrue(again.err().contains("is damaged"), again.err());
  }

  @Test
  void whatCannotBeReadIsNamedAndTheRestMeasured() throws IOException {
    List<String> models = found("model.safetensors"); // widths 3, 3, 5, 5
    Files.delete(run.resolve(models.get(0)));
    Files.copy(
        run.resolve(models.get(2)),
        run.resolve(models.get(1)),
        StandardCopyOption.REPLACE_EXISTING);
    Path third = run.resolve(models.get(2));
    byte[] bytes = Files.readAllBytes(third);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(bytes.length - 4, Float.NaN);
    Files.write(third, bytes);
    BasinCommand probe = basin("probe", run, "--probe=hessian");
    assertEquals(3, probe.code(), probe.err());
    assertTrue(probe.err().contains(models.get(0) + " is missing"), probe.err());
    assertTrue(probe.err().contains("holds NaN in layers.1.bias"), probe.err());
    assertTrue(
        probe.err().contains("layers.0.weight is [5, 4], this network's [3, 4]"), probe.err());
    assertFalse(probe.err().contains("\tat "), probe.err());
    assertTrue(probe.out().contains("hessian: 1 measured, 0 were there already, 3 failed"));
    assertEquals(1, found("hessian.json").size());
  }

  @Test
  void badInputGetsOneLineAndNothingIsWritten() {
    assertRefused(
        "--probe hesian: there is no probe 'hesian', did you mean hessian?", run, "--probe=hesian");
    assertRefused("--probe x: there is no probe 'x'; allowed: hessian", run, "--probe=x");
    assertRefused(
        "--set largest=0: probes.hessian.largest is 0, allowed: a whole number from 1 to 1000",
        run,
        "--probe=hessian",
        "--set=largest=0");
    assertRefused(
        "--set larges=3: probes.hessian.larges is not an option of the probe; did you mean largest?",
        run,
        "--probe=hessian",
        "--set=larges=3");
    assertRefused("engine dl4j only trains", run, "--probe=hessian", "--engine=dl4j");
    assertRefused("there is no engine 'tpu'", run, "--probe=hessian", "--engine=tpu");
    assertRefused("--set largest: is no override", run, "--probe=hessian", "--set=largest");
    assertRefused("Missing required option: '--probe=NAME'", run);
    assertRefused(folder + " is not a run folder", folder, "--probe=hessian");
    assertEquals(0, found("hessian.json").size());
  }

  private static void assertRefused(String what, Path run, String... options) {
    Object[] arguments = new Object[options.length + 2];
    arguments[0] = "probe";
    arguments[1] = run;
    System.arraycopy(options, 0, arguments, 2, options.length);
    BasinCommand probe = basin(arguments);
    assertEquals(2, probe.code(), probe.err());
    assertTrue(probe.err().startsWith("basin: " + what), probe.err());
    assertEquals(1, probe.err().lines().count(), probe.err());
    assertEquals("", probe.out());
  }
}
