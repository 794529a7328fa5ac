package org.basin.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.basin.data.CsvOptions;
import org.basin.data.DataSource;
import org.basin.data.LabelNoise;
import org.basin.model.Activation;
import org.basin.train.BatchSize;
import org.basin.train.Devices;
import org.basin.train.EngineOptions;
import org.basin.train.LossFunction;
import org.basin.train.OptimizerKind;
import org.basin.train.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExperimentTest {
  private final ExperimentFolder files;

  ExperimentTest(@TempDir Path folder) {
    files = new ExperimentFolder(folder);
  }

  @Test
  void everyKindOfValueIsRead() {
    Experiment experiment =
        files.read(
            "name: all-kinds",
            "description: >",
            "  Two lines",
            "  of text.",
            "data:",
            "  source: two-spirals",
            "  n: 1e3",
            "  standardize: false",
            "  seed: -9_000".replace("_", ""),
            "  labelNoise: {kind: redraw, fraction: 15e-2, seed: 0x10}",
            "  csv: {labelColumn: -1, header: present}",
            "model: {hidden: [64, 3e1], activation: tanh}",
            "training:",
            "  loss: mse",
            "  batchSize: full",
            "  labelSmoothing: 0",
            "  optimizer: {name: heavy-ball, learningRate: 1}",
            "  clipping: {globalNorm: null}",
            "seeds: [7, 1, -3]",
            "engine: cpu",
            "device: cuda:3,0",
            "precision: tf32",
            "workers: 2");
    ReplicaConfig config = experiment.resolve(List.of());
    assertEquals("all-kinds", experiment.name());
    assertEquals("Two lines of text.", experiment.description());
    assertEquals(DataSource.TWO_SPIRALS, config.data().source());
    assertEquals(1000, config.data().n());
    assertEquals(-9000, config.data().seed());
    assertEquals(LabelNoise.REDRAW, config.data().labelNoise().kind());
    assertEquals(0.15, config.data().labelNoise().fraction());
    assertEquals(16L, config.data().labelNoise().seed());
    assertEquals("-1", config.data().csv().labelColumn());
    assertEquals(CsvOptions.Header.PRESENT, config.data().csv().header());
    assertEquals(List.of(64, 30), config.model().hidden());
    assertEquals(Activation.TANH, config.model().activation());
    assertEquals(LossFunction.MSE, config.training().loss());
    assertEquals(BatchSize.FULL, config.training().batchSize());
    assertEquals(OptimizerKind.HEAVY_BALL, config.training().optimizer().name());
    assertEquals(1.0, config.training().optimizer().learningRate());
    assertNull(config.training().clipping().globalNorm());
    assertEquals(List.of(7L, 1L, -3L), experiment.seeds());
    assertEquals("cpu", experiment.engine());
    assertEquals(
        new EngineOptions(new Devices(true, List.of(3, 0)), Precision.TF32),
        experiment.engineOptions());
    assertEquals(2, experiment.workers());
    assertEquals(files.folder().toAbsolutePath(), experiment.directory());
  }

  @Test
  void whatIsNotGivenIsTheDefault() {
    assertEquals(ReplicaConfig.DEFAULTS, files.read("name: x").resolve(List.of()));
    assertEquals(
        ReplicaConfig.DEFAULTS,
        files.read("name: x", "model:", "training: null", "data: {n: ~}").resolve(List.of()));
  }

  @Test
  void anExtendedFileIsMergedBelow() {
    files.write(
        "base.yaml",
        "name: base",
        "model: {width: 8, activation: gelu}",
        "training: {epochs: 5, stopping: {trainLoss: 0.1, patience: 2}}",
        "seeds: 9",
        "sweep: {grid: {training.labelSmoothing: [0, 0.1]}}");
    Experiment child =
        files.read(
            "name: child",
            "extends: base.yaml",
            "model: {width: 16}",
            "training: {stopping: {patience: null}}",
            "data:",
            "seeds: [4]",
            "sweep: {grid: {data.n: [10, 20]}}");
    ReplicaConfig config = child.resolve(List.of());
    assertEquals("child", child.name());
    assertEquals(16, config.model().width());
    assertEquals(Activation.GELU, config.model().activation());
    assertEquals(5, config.training().epochs());
    assertEquals(0.1, config.training().stopping().trainLoss());
    assertNull(config.training().stopping().patience());
    assertEquals(List.of(4L), child.seeds());
    assertEquals(List.of("data.n"), child.sweep().varying());
  }

  @Test
  void overridesReplaceValuesAxesAndHeader() {
    Experiment experiment =
        override(
            List.of(
                "name: x",
                "training: {epochs: 5}",
                "sweep:",
                "  grid: {model.width: [1, 2], training.labelSmoothing: [0, 0.1]}",
                "  zip: {training.epochs: [1, 2], training.optimizer.l2: [0, 1]}",
                "  exclude: [{model.width: 2, training.labelSmoothing: 0.1}, {model.width: 3}]"),
            "model.width=[3, 4]",
            "training.epochs=7",
            "training.optimizer.name=adam",
            "seeds=5",
            "name=y",
            "engine=dl4j",
            "device=cuda:0,1",
            "precision=tf32",
            "workers=3");
    assertEquals(
        List.of("model.width", "training.labelSmoothing", "training.optimizer.l2"),
        experiment.sweep().varying());
    assertEquals(
        List.of(3, 4),
        experiment.sweep().grid().getFirst().values().stream().map(Assignment::value).toList());
    assertEquals(1, experiment.sweep().exclude().size(), "the exclusion of width 2 went with it");
    assertEquals(7, experiment.resolve(List.of()).training().epochs());
    assertEquals(5, experiment.seeds().size());
    assertEquals("y", experiment.name());
    assertEquals("dl4j", experiment.engine());
    assertEquals("cuda:0,1", experiment.engineOptions().devices().toString());
    assertEquals(Precision.TF32, experiment.engineOptions().precision());
    assertEquals(3, experiment.workers());
  }

  @Test
  void anOverrideOfTheOnlyAxisLeavesNoSweep() {
    for (String sweep :
        List.of(
            "{grid: {model.width: [1, 2]}}",
            "{zip: {model.width: [1, 2]}}",
            "{list: [{model.width: 1}, {model.width: 2}], exclude: [{model.width: 2}]}")) {
      Experiment experiment = override(List.of("name: x", "sweep: " + sweep), "model.width=9");
      assertTrue(experiment.sweep().varying().isEmpty(), sweep);
      assertTrue(experiment.sweep().exclude().isEmpty(), sweep);
      assertEquals(9, experiment.resolve(List.of()).model().width(), sweep);
    }
  }

  @Test
  void anOverrideWithNullRestoresTheDefault() {
    Experiment experiment =
        override(
            List.of(
                "name: x",
                "model: {width: 8}",
                "sweep: {grid: {training.epochs: [1, 100], data.n: [5, 6]},"
                    + " exclude: [{training.epochs: 100, data.n: 5}, {training.epochs: 1, data.n: 6}]}"),
            "model.width=null",
            "training.epochs=");
    assertEquals(64, experiment.resolve(List.of()).model().width());
    assertEquals(100, experiment.resolve(List.of()).training().epochs());
    assertEquals(List.of("data.n"), experiment.sweep().varying());
    assertEquals(
        List.of("training.epochs=100, data.n=5"),
        experiment.sweep().exclude().stream().map(Object::toString).toList());
  }

  @Test
  void aListIsAValueOfHiddenAndAListOfListsAnAxis() {
    Experiment value = override(List.of("name: x"), "model.hidden=[64,32]");
    assertEquals(List.of(64, 32), value.resolve(List.of()).model().hidden());
    Experiment axis = override(List.of("name: x"), "model.hidden=[[64,32],[32,16]]");
    assertEquals(List.of("model.hidden"), axis.sweep().varying());
  }

  @Test
  void pathsAreRelativeToTheFileThatStatesThem() throws Exception {
    Path sub = Files.createDirectory(files.folder().resolve("sub"));
    new ExperimentFolder(sub).write("base.yaml", "data: {csv: {path: train.csv}}");
    Experiment experiment =
        files.read("name: x", "extends: sub/base.yaml", "data: {csv: {testPath: ../test.csv}}");
    CsvOptions csv = experiment.resolve(List.of()).data().csv();
    assertEquals(sub.resolve("train.csv").toString(), csv.path());
    assertEquals(files.folder().resolveSibling("test.csv").toString(), csv.testPath());
    Path run = Files.createDirectory(files.folder().resolve("run"));
    Path stored = new ExperimentFolder(run).write("experiment.yaml", experiment.toYaml());
    assertEquals(csv, Experiment.read(stored, List.of()).resolve(List.of()).data().csv());
  }

  @Test
  void theStoredFormStandsAloneAndReadsWell() {
    files.write("base.yaml", "training: {optimizer: {learningRate: 1e-3}}", "model: {width: 8}");
    Path file =
        files.write(
            "x.yaml",
            "name: '12'",
            "extends: base.yaml",
            "sweep:",
            "  grid: {training.epochs: [1, 2]}",
            "  exclude: [{training.epochs: 1, data.source: two-spirals}]",
            "description: |",
            "  First line: a colon.",
            "",
            "  Third, after an empty one.");
    Experiment experiment =
        Experiment.read(file, List.of("training.loss=mse", "data.csv.labelColumn=true"));
    String stored = experiment.toYaml();
    assertEquals(
        """
        name: "12"
        description: |
          First line: a colon.

          Third, after an empty one.
        data:
          csv:
            labelColumn: true
        model:
          width: 8
        training:
          optimizer:
            learningRate: 1e-3
          loss: mse
        sweep:
          grid:
            training.epochs: [1, 2]
          exclude:
            - {training.epochs: 1, data.source: two-spirals}
        """,
        stored);
    Experiment again = Experiment.read(files.write("again.yaml", stored), List.of());
    assertEquals(stored, again.toYaml());
    assertEquals(experiment.resolve(List.of()), again.resolve(List.of()));
    assertEquals(experiment.description(), again.description());
  }

  @Test
  void textThatLooksLikeSomethingElseSurvivesStoring() {
    for (String text :
        List.of(
            "null", "a\nb", "a\n", "\n", "a\n\n", " a\nb", "1e3", "- a", "a: b", "a #b", "\"", "\t",
            "é", "~", "[x", "")) {
      Node value = new Node.Scalar(text, text, Location.of(Path.of("x.yaml")));
      Node.Mapping root = Node.Mapping.empty(value.where()).with("description", value);
      Node read = YamlReader.readValue(YamlWriter.write(root), value.where());
      assertEquals(text, ((Node.Scalar) ((Node.Mapping) read).given("description")).value());
    }
  }

  private Experiment override(List<String> lines, String... overrides) {
    return Experiment.read(
        files.write("x.yaml", lines.toArray(String[]::new)), Arrays.asList(overrides));
  }

  @Test
  void aMissingFileIsOneLine() {
    assertEquals(
        "none.yaml: does not exist",
        files.refusal(() -> Experiment.read(files.folder().resolve("none.yaml"), List.of())));
    assertThrows(
        org.basin.InvalidInputException.class, () -> Experiment.read(files.folder(), List.of()));
  }
}
