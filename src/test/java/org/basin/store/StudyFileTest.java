package org.basin.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Comparison;
import org.basin.measurement.Comparisons;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.measurement.Verdict;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StudyFileTest {
  private static final Comparison HOLDS =
      Comparison.of("slope", 10, 9.5, 10.5, 10.2, 0.1, 1, 0.999);
  private static final Comparison OPEN =
      Comparison.of("rate, by eye", 3, Double.NEGATIVE_INFINITY, Double.NaN, 4, 0, 1, 0.999);

  @TempDir Path folder;
  private RunFolder run;
  private StudyFile file;

  private static StudyIdentity identity(String kind, int version, int runs, long seed) {
    return new StudyIdentity(
        kind, version, JsonNodeFactory.instance.objectNode().put("runs", runs), seed);
  }

  private static Measurement measurement() {
    SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
    scalars.put("slope", Uncertain.of(10, List.of(), true));
    Table table = new Table.Builder("times", "run", "steps").row(0, 12).row(1, 14).build();
    return new Measurement(
        scalars, new Comparisons(List.of(HOLDS, OPEN)), List.of(table), Map.of());
  }

  @BeforeEach
  void write() {
    run = RunFolder.prepare(folder.resolve("run"), "x", "name: x\n", "");
    file = run.study("saddle.1");
    file.write(identity("saddle-escape", 1, 500, 7), 1.5, measurement());
  }

  @Test
  void whatIsWrittenIsReadBack() {
    StudyResult result = file.read();
    assertEquals("saddle.1", result.label());
    assertEquals("saddle-escape", result.kind());
    assertEquals(500, result.identity().path("options").path("runs").asInt());
    assertEquals(7, result.identity().path("seed").asLong());
    assertEquals(1.5, result.seconds());
    assertEquals(measurement().scalars(), result.scalars());
    assertEquals(List.of("times"), result.tableNames());
    assertArrayEquals(new double[] {12, 14}, result.table("times").column("steps"));
    assertTrue(Files.isRegularFile(folder.resolve("run/studies/saddle.1-times.csv")));
  }

  @Test
  void comparisonsAreReadBackWithoutWhatIsNotFinite() {
    List<Comparison> comparisons = file.read().comparisons();
    assertEquals(2, comparisons.size());
    assertEquals(HOLDS, comparisons.getFirst());
    Comparison open = comparisons.getLast();
    assertTrue(Double.isNaN(open.low()) && Double.isNaN(open.high()));
    assertEquals(Verdict.UNDECIDED, open.verdict());
    assertEquals("agrees", file.read().details().at("/comparisons/0/verdict").asText());
  }

  @Test
  void aDifferenceIsNamed() {
    assertNull(file.differenceFrom(identity("saddle-escape", 1, 500, 7)));
    assertDifference("was measured with another kind", identity("monkey-escape", 1, 500, 7));
    assertDifference(
        "was measured by version 1 of the study, this is version 2",
        identity("saddle-escape", 2, 500, 7));
    assertDifference("was measured with another options", identity("saddle-escape", 1, 501, 7));
    assertDifference("was measured with another seed", identity("saddle-escape", 1, 500, 8));
  }

  private void assertDifference(String end, StudyIdentity identity) {
    String difference = file.differenceFrom(identity);
    assertNotNull(difference);
    assertTrue(difference.endsWith("saddle.1.json " + end), difference);
  }

  @Test
  void damageIsADifference() throws Exception {
    Path json = folder.resolve("run/studies/saddle.1.json");
    Path csv = folder.resolve("run/studies/saddle.1-times.csv");
    StudyIdentity identity = identity("saddle-escape", 1, 500, 7);
    final String whole = Files.readString(json);
    String rows = Files.readString(csv);
    Files.writeString(csv, "run,steps\n0,many\n");
    assertTrue(file.differenceFrom(identity).startsWith(csv + " is damaged"));
    Files.delete(csv);
    assertTrue(file.differenceFrom(identity).startsWith("cannot read " + csv));
    Files.writeString(csv, rows);
    Files.writeString(json, whole.replace("\"undecided\"", "\"perhaps\""));
    assertEquals(
        json + " is damaged: there is no Verdict \"perhaps\"", file.differenceFrom(identity));
    Files.writeString(json, whole.substring(0, whole.length() / 2));
    assertTrue(file.differenceFrom(identity).startsWith(json + " is damaged"));
    Files.writeString(json, whole);
    assertNull(file.differenceFrom(identity));
  }

  /** Studies that the experiment no longer has, or has with other options, are not shown. */
  @Test
  void aRunShowsItsStudiesAlone() {
    run.study("older").write(identity("chain-escape", 1, 10, 1), 1, measurement());
    SequencedMap<String, StudyIdentity> studies = new LinkedHashMap<>();
    studies.put("missing", identity("chain-escape", 1, 10, 1));
    studies.put("saddle.1", identity("saddle-escape", 1, 500, 7));
    CompletedRun completed = run.load("x", "", studies);
    assertEquals(
        List.of("saddle.1"), completed.studies().stream().map(StudyResult::label).toList());
    assertTrue(completed.replicas().isEmpty());
    studies.put("saddle.1", identity("saddle-escape", 1, 500, 8));
    assertTrue(run.load("x", "", studies).studies().isEmpty());
    assertTrue(run.study("older").exists());
  }

  @Test
  void theTableHasARowAPrediction() throws Exception {
    SequencedMap<String, StudyIdentity> studies = new LinkedHashMap<>();
    Path table = folder.resolve("run/studies.csv");
    run.writeTables(run.load("x", "", studies));
    assertFalse(Files.exists(table));
    studies.put("saddle.1", identity("saddle-escape", 1, 500, 7));
    run.writeTables(run.load("x", "", studies));
    assertEquals(
        """
        study,kind,quantity,measured,low,high,predicted,tolerance,verdict,reason
        saddle.1,saddle-escape,slope,10.0,9.5,10.5,10.2,0.1,agrees,%s
        saddle.1,saddle-escape,"rate, by eye",3.0,,,4.0,0.0,undecided,there is no interval
        """
            .formatted(HOLDS.reason()),
        Files.readString(table));
  }
}
