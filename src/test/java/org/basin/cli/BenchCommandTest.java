package org.basin.cli;

import static org.basin.cli.BasinCommand.basin;
import static org.basin.cli.BasinCommand.files;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchCommandTest {
  @TempDir Path folder;

  private JsonNode measured(String... options) throws IOException {
    Path json = folder.resolve("bench.json");
    List<String> arguments = new ArrayList<>(List.of("bench", "--seconds=0.05", "--json=" + json));
    arguments.addAll(List.of(options));
    BasinCommand bench = basin(arguments.toArray());
    assertEquals(0, bench.code(), bench.err());
    return new ObjectMapper().readTree(json.toFile());
  }

  @Test
  void everyWidthHasItsFigures() throws IOException {
    JsonNode bench = measured("--engine=cpu", "--widths=3,5", "--replicas=1");
    assertEquals(1, bench.get("schemaVersion").asInt());
    assertEquals("cpu", bench.get("machine").get("engine").asText());
    assertEquals(2, bench.get("training").size());
    assertEquals(2, bench.get("evaluations").size());
    for (int i = 0; i < 2; i++) {
      JsonNode training = bench.get("training").get(i);
      assertEquals(i == 0 ? 3 : 5, training.get("width").asInt());
      assertEquals(1, training.get("replicas").asInt());
      assertTrue(training.get("microsPerReplicaStep").asDouble() > 0);
      assertEquals(
          1e6,
          training.get("microsPerReplicaStep").asDouble()
              * training.get("replicaStepsPerSecond").asDouble(),
          1e-3);
      assertTrue(training.get("gflops").asDouble() > 0);
      assertTrue(training.get("sgemmGflops").asDouble() > 0);
      assertTrue(training.get("shareOfSgemm").asDouble() > 0);
      JsonNode evaluation = bench.get("evaluations").get(i);
      assertEquals(i == 0 ? 3 : 5, evaluation.get("width").asInt());
      assertEquals(4000, evaluation.get("examples").asInt());
      assertTrue(evaluation.get("microsPerEvaluation").asDouble() > 0);
      JsonNode product = bench.get("hessianVectorProducts").get(i);
      assertEquals(i == 0 ? 3 : 5, product.get("width").asInt());
      assertTrue(product.get("microsPerProduct").asDouble() > 0);
    }
  }

  @Test
  void anyEngineIsMeasured() throws IOException {
    JsonNode bench = measured("--engine=dl4j", "--widths=3", "--replicas=1");
    assertEquals("dl4j", bench.get("machine").get("engine").asText());
    assertTrue(bench.get("training").get(0).get("microsPerReplicaStep").asDouble() > 0);
    assertEquals(0, bench.get("hessianVectorProducts").size(), "DL4J only trains");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --engine=nope     | there is no engine 'nope'; allowed: auto
          --widths=0        | --widths has 0, allowed: whole numbers from 1 to 4096
          --widths=8,4097   | --widths has 4097, allowed: whole numbers from 1 to 4096
          --widths=8,wide   | 'wide' is not an int
          --replicas=0      | --replicas is 0, allowed: a whole number from 1 to 4096
          --seconds=0       | --seconds is 0.0, allowed: a number above 0, up to 3600
          --seconds=NaN     | --seconds is NaN, allowed: a number above 0, up to 3600
          --seconds=long    | 'long' is not a double
          --json=none/b.json | none/b.json, allowed: a file in a folder that exists
          """)
  void badInputIsRefusedInOneLine(String option, String what) {
    BasinCommand bench = basin("bench", option.strip());
    assertEquals(2, bench.code(), bench.err());
    assertEquals("", bench.out());
    assertEquals(1, bench.err().lines().count(), bench.err());
    assertTrue(bench.err().contains(what), bench.err());
  }

  @Test
  void aFolderIsNoFile() {
    assertEquals(2, basin("bench", "--json", folder).code());
    assertEquals(List.of(), files(folder));
  }
}
