package org.basin.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** README has one line for each file in {@code experiments/}. */
class ExperimentTableTest {

  @Test
  void everyExperimentHasItsLine() throws IOException {
    List<String> lines = Files.readAllLines(Path.of("README.md"));
    try (Stream<Path> files = Files.list(Path.of("experiments"))) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".yaml"))
          .forEach(
              name -> {
                String row = "| [`" + name.replace(".yaml", "") + "`](experiments/" + name + ") | ";
                assertEquals(1, lines.stream().filter(line -> line.startsWith(row)).count(), row);
              });
    }
  }
}
