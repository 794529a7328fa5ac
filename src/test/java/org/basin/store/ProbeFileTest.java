package org.basin.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.basin.InvalidInputException;
import org.basin.landscape.ProbeConditions;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.train.BatchNormPolicy;
import org.basin.train.EngineDescription;
import org.basin.train.LossFunction;
import org.basin.train.ObjectiveOptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbeFileTest {
  private static final EngineDescription ENGINE =
      new EngineDescription("cpu", "CPU", "float32", "");

  @TempDir Path folder;
  private ProbeFile file;

  private static ProbeIdentity identity(int version, int option, String dataHash) {
    return new ProbeIdentity(
        "hessian",
        version,
        ProbeConditions.DEFAULTS,
        JsonNodeFactory.instance.objectNode().put("largest", option),
        new ObjectiveOptions(LossFunction.MSE, 0, 0.5, BatchNormPolicy.FROZEN),
        "cpu",
        "config",
        dataHash,
        null);
  }

  private static Measurement measurement() {
    SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
    scalars.put(
        "trace",
        Uncertain.of(
            2.5,
            List.of(
                new Contribution(Source.PROBES, 0.25, 9),
                Contribution.known(Source.ROUNDING, 1e-7)),
            true));
    scalars.put("unknown", Uncertain.of(Double.NaN, List.of(), false));
    Table table =
        new Table.Builder("curve", "x", "y")
            .row(0, Double.NaN)
            .row(-1.5, Double.POSITIVE_INFINITY)
            .row(3, 1e-30)
            .build();
    return new Measurement(
        scalars, null, List.of(table), Map.of("vectors", new float[][] {{1, 2}, {3, 4}}));
  }

  @BeforeEach
  void write() {
    file = new ProbeFile(folder.resolve("probes"), "hessian");
    file.write(identity(1, 10, "data"), ENGINE, 1.5, measurement());
  }

  @Test
  void whatIsWrittenIsReadBack() {
    ProbeResult result = file.read();
    assertEquals(measurement().scalars().get("trace"), result.scalars().get("trace"));
    Uncertain unknown = result.scalars().get("unknown");
    assertTrue(Double.isNaN(unknown.value()) && !unknown.converged());
    assertEquals(List.of("trace", "unknown"), List.copyOf(result.scalars().keySet()));
    assertEquals(List.of("curve"), result.tableNames());
    Table table = result.table("curve");
    assertArrayEquals(new double[] {0, -1.5, 3}, table.column("x"));
    assertArrayEquals(
        new double[] {Double.NaN, Double.POSITIVE_INFINITY, 1e-30}, table.column("y"));
    assertTrue(result.details().isMissingNode());
    assertEquals(1.5, result.seconds());
  }

  /** The vectors are safetensors: header length, header, 16 bytes of numbers. */
  @Test
  void vectorsStandBeside() throws Exception {
    byte[] bytes = Files.readAllBytes(folder.resolve("probes/hessian.safetensors"));
    assertEquals(0, (bytes.length - 16) % 8);
    assertTrue(new String(bytes, 8, bytes[0], StandardCharsets.UTF_8).contains("\"shape\":[2,2]"));
  }

  @Test
  void aMeasurementOfTheSameRequestIsKnown() {
    assertNull(file.differenceFrom(identity(1, 10, "data")));
  }

  @Test
  void aDifferenceIsNamed() {
    assertTrue(
        file.differenceFrom(identity(2, 10, "data"))
            .endsWith("hessian.json was measured by version 1 of the probe, this is version 2"));
    assertTrue(
        file.differenceFrom(identity(1, 11, "data")).endsWith("was measured with another options"));
    assertTrue(
        file.differenceFrom(identity(1, 10, "x")).endsWith("was measured with another dataHash"));
  }

  @Test
  void damageIsNamed() throws Exception {
    Path json = folder.resolve("probes/hessian.json");
    Path csv = folder.resolve("probes/hessian-curve.csv");
    ProbeResult result = file.read();
    Files.writeString(csv, "x,y\n1,two\n");
    assertTrue(problem(() -> result.table("curve")).contains(csv + " is damaged"));
    Files.delete(csv);
    assertTrue(problem(() -> result.table("curve")).contains("cannot read " + csv));
    Files.writeString(json, "{\"schemaVersion\": 2}");
    assertTrue(problem(file::read).endsWith("is damaged: it holds no scalars"));
    Files.writeString(json, "{");
    assertTrue(problem(file::read).contains("is damaged"));
  }

  private static String problem(org.junit.jupiter.api.function.Executable action) {
    return assertThrows(InvalidInputException.class, action).getMessage();
  }
}
