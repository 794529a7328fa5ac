package org.basin.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.basin.InvalidInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ResultFileTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(doubles = {0.1, -0.0, 1e-300, Double.MIN_VALUE, Double.MAX_VALUE, Double.NaN})
  void comesBackAsItWas(double figure) {
    Path file = folder.resolve("result.json");
    ReplicaResult result = Results.result("completed", figure);
    ResultFile.write(file, result);
    assertEquals(result, ResultFile.read(file));
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void whatIsNotFiniteIsNull(double figure) throws IOException {
    Path file = folder.resolve("result.json");
    ResultFile.write(file, Results.result("diverged", figure));
    assertTrue(Files.readString(file).contains("\"testLoss\" : null"));
    assertTrue(Double.isNaN(ResultFile.read(file).testLoss()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "status" : "completed" | "status" : null       | damaged
          "status" : "completed" | "state" : "completed" | damaged
          "steps" : 10           | "steps" : null        | damaged
          "testLoss" : 0.5       | "testLoss" : "low"    | damaged
          "configHash" : "abc"   | "configHash" : null   | damaged
          "schemaVersion" : 1    | "schemaVersion" : 0   | has schema version 0, this Basin reads 1
          "schemaVersion" : 1    | "schemaVersion" : 2   | has schema version 2, this Basin reads 1
          "schemaVersion" : 1    | "schemaVersion" : {}  | damaged
          """)
  void damageIsNoticed(String whole, String damaged, String what) throws IOException {
    Path file = folder.resolve("result.json");
    ResultFile.write(file, Results.result("completed", 0.5));
    String text = Files.readString(file);
    assertTrue(text.contains(whole), text);
    Files.writeString(file, text.replace(whole, damaged));
    assertRefused(what, file);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "[]", "3", "{", "{}", "{} {}", "\u0000"})
  void otherContentIsNoticed(String content) throws IOException {
    assertRefused("damaged", Files.writeString(folder.resolve("result.json"), content));
  }

  @Test
  void everyCutIsNoticed() throws IOException {
    Path file = folder.resolve("result.json");
    ResultFile.write(file, Results.result("completed", 0.5));
    String text = Files.readString(file);
    for (int length = 0; length < text.length(); length++) {
      Files.writeString(file, text.substring(0, length));
      assertRefused("damaged", file);
    }
  }

  private static void assertRefused(String what, Path file) {
    String message =
        assertThrows(InvalidInputException.class, () -> ResultFile.read(file)).getMessage();
    assertTrue(message.startsWith(file.toString()), message);
    assertTrue(message.contains(what), message);
    assertEquals(1, message.lines().count(), message);
  }
}
