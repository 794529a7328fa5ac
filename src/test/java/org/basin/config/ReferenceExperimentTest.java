package org.basin.config;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.basin.landscape.NormalizationStatistics;
import org.basin.landscape.ProbeCatalog;
import org.basin.landscape.ProbeConditions;
import org.basin.landscape.ProbeRequest;
import org.basin.theory.StudyCatalog;
import org.basin.theory.StudyRequest;
import org.basin.train.EngineOptions;
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
        List.of(
            "name",
            "description",
            "data",
            "model",
            "training",
            "seeds",
            "probes",
            "studies",
            "engine",
            "device",
            "precision",
            "workers"),
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
    assertEquals(EngineOptions.DEFAULTS, reference.engineOptions());
    assertTrue(reference.sweep().varying().isEmpty());
  }

  /** Every probe with every option at its default; what all of them take, at the first. */
  @Test
  void statesEveryProbesEveryOption() {
    Node.Mapping probes = (Node.Mapping) YamlReader.readFile(FILE).given("probes");
    assertEquals(ProbeCatalog.names(), List.copyOf(probes.entries().keySet()));
    List<String> shared = names(ProbeConditions.class);
    for (ProbeRequest request : Experiment.read(FILE, List.of()).probes()) {
      Node.Mapping otherwise = Node.Mapping.empty(probes.where());
      if (request.betweenNetworks()) {
        otherwise =
            otherwise.with(
                "batchNorm",
                new Node.Converted(NormalizationStatistics.RECALIBRATED, probes.where()));
      }
      assertEquals(RecordBinder.bind(ProbeConditions.class, otherwise, ""), request.conditions());
      assertEquals(RecordBinder.bind(request.kind().options(), null, ""), request.options());
      List<String> stated = new ArrayList<>();
      collect(probes.given(request.kind().name()), "", stated);
      List<String> expected = new ArrayList<>();
      if (request.kind().name().equals(ProbeCatalog.names().getFirst())) {
        expected.addAll(shared);
      }
      expected.addAll(names(request.kind().options()));
      assertEquals(expected.stream().map(name -> "." + name).toList(), stated);
    }
  }

  /** Every study with every option at its default; what all of them take, at the first. */
  @Test
  void statesEveryStudysEveryOption() {
    Node.Mapping studies = (Node.Mapping) YamlReader.readFile(FILE).given("studies");
    assertEquals(StudyCatalog.names(), List.copyOf(studies.entries().keySet()));
    for (StudyRequest request : Experiment.read(FILE, List.of()).studies()) {
      assertEquals(request.label(), request.kind().name());
      assertEquals(request.kind().defaults(), request.options());
      assertEquals(1, request.seed());
      List<String> stated = new ArrayList<>();
      collect(studies.given(request.label()), "", stated);
      List<String> expected = new ArrayList<>();
      if (request.label().equals(StudyCatalog.names().getFirst())) {
        expected.addAll(List.of("kind", "seed"));
      }
      expected.addAll(names(request.kind().options()));
      assertEquals(expected.stream().map(name -> "." + name).toList(), stated);
    }
  }

  private static List<String> names(Class<?> options) {
    return RecordShape.of(options).components().stream().map(RecordShape.Component::name).toList();
  }

  @Test
  void itsCommentedSweepIsOneThatCanBeRead(@org.junit.jupiter.api.io.TempDir Path folder)
      throws Exception {
    String text = java.nio.file.Files.readString(FILE);
    String sweep = text.substring(text.indexOf("# sweep:"), text.indexOf("# --- Probes"));
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
