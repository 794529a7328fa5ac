package org.basin.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.basin.InvalidInputException;
import org.basin.train.HistoryRow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HistoryFileTest {
  private static final String HEADER =
      "step,epoch,learningRate,trainLoss,trainError,validationLoss,validationError,testLoss,"
          + "testError,gradientNorm\n";

  @TempDir Path folder;

  @Test
  void comesBackAsItWas() throws IOException {
    Path file = folder.resolve("history.csv");
    List<HistoryRow> rows =
        List.of(Results.row(0, Double.NaN), Results.row(5_000_000_000L, 1.0 / 3));
    HistoryFile.write(file, rows);
    assertEquals(rows, HistoryFile.read(file));
    assertEquals(
        HEADER + "0,1,0.1,,0.5,,,,0.25,\n",
        Files.readString(file).lines().limit(2).reduce("", (a, b) -> a + b + "\n"));
  }

  @Test
  void whatIsNotFiniteIsEmpty() {
    Path file = folder.resolve("history.csv");
    HistoryFile.write(file, List.of(Results.row(0, Double.POSITIVE_INFINITY)));
    assertEquals(List.of(Results.row(0, Double.NaN)), HistoryFile.read(file));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "step,epoch\n1,2\n",
        HEADER + "x,1,0.1,1,1,1,1,1,1,1\n",
        HEADER + "1,1,0.1,1\n",
        HEADER + "1,1,0.1,1,1,1,1,low,1,1\n"
      })
  void damageIsNoticed(String content) throws IOException {
    Path file = Files.writeString(folder.resolve("history.csv"), content);
    String message =
        assertThrows(InvalidInputException.class, () -> HistoryFile.read(file)).getMessage();
    assertTrue(message.startsWith(file + " is damaged"), message);
    assertEquals(1, message.lines().count(), message);
  }
}
