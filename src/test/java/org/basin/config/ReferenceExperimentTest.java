package org.basin.config;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReferenceExperimentTest {
  private static final Path FILE = Path.of("experiments/reference.yaml");

  @Test
  void namesEverySettingInTheOrderOfTheRecordsAndNoOther() {
    Node.Mapping root = YamlReader.readFile(FILE);
    List<String> stated = new ArrayList<>();
    for (String group : List.of("data", "model", "training")) {
      collect(root.given(group), group, stated);
    }
    assertEquals(List.copyOf(Settings.paths()), stated);
    assertEquals(
        List.of("name", "description", "data", "model", "training", "seeds", "engine", "workers"),
        List.copyOf(root.entries().keySet()));
  }

  @Test
  void statesEveryDefault() {
    Experiment reference = Experiment.read(FILE, List.of());
    assertAll(
        Settings.paths().stream()
            .map(
                path ->
                    () ->
                        assertEquals(
                            Settings.value(ReplicaConfig.DEFAULTS, path),
                            reference.value(path),
                            path)));
    assertEquals(ReplicaConfig.DEFAULTS, reference.resolve(List.of()));
    assertEquals(List.of(1L), reference.seeds());
    assertEquals("auto", reference.engine());
    assertTrue(reference.sweep().varying().isEmpty());
  }

  @Test
  void itsCommentedSweepIsOneThatCanBeRead(@org.junit.jupiter.api.io.TempDir Path folder)
      throws Exception {
    String text = java.nio.file.Files.readString(FILE);
    String sweep = text.substring(text.indexOf("# sweep:"), text.indexOf("# --- How"));
    Experiment experiment =
        new ExperimentFolder(folder).read("name: x", sweep.replaceAll("(?m)^# ?", ""));
    assertEquals(
        List.of(
            "model.width",
            "training.labelSmoothing",
            "training.optimizer.name",
            "training.optimizer.learningRate",
            "training.epochs",
            "data.n"),
        experiment.sweep().varying());
  }

  private static void collect(Node node, String path, List<String> stated) {
    ((Node.Mapping) node)
        .entries()
        .forEach(
            (key, entry) -> {
              if (entry.value() instanceof Node.Mapping group) {
                collect(group, path + "." + key, stated);
              } else {
                stated.add(path + "." + key);
              }
            });
  }
}
