package org.basin.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.basin.config.Experiment;
import org.basin.config.ExperimentFolder;
import org.basin.data.DataOptions;
import org.basin.data.DataShape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanTest {
  /** MNIST-1D's shape. */
  private static final DataShapes MNIST1D = options -> new DataShape(40, 10, 4000, 0, 1000);

  private final ExperimentFolder files;

  PlanTest(@TempDir Path folder) {
    files = new ExperimentFolder(folder);
  }

  private Plan plan(String... lines) {
    return Plan.of(files.read(lines), MNIST1D);
  }

  private String refusal(String... lines) {
    return files.refusal(() -> plan(lines));
  }

  private static List<String> values(Plan plan) {
    return plan.points().stream()
        .map(
            point ->
                point.varying().values().stream()
                    .map(String::valueOf)
                    .collect(Collectors.joining(" ")))
        .toList();
  }

  @Test
  void gridTimesZipTimesListInFileOrderFirstSlowest() {
    Plan plan =
        plan(
            "name: x",
            "sweep:",
            "  list: [{data.seed: 1}, {training.evaluateEvery: 2}]",
            "  zip: {data.n: [100, null], training.epochs: [10, 20]}",
            "  grid: {model.width: [16, 8], model.bias: [true, false]}",
            "  exclude: [{model.width: 8, model.bias: false}]",
            "data: {validationFraction: 0.1}",
            "training: {batchSize: full}",
            "seeds: [3, 1]");
    assertEquals(
        List.of(
            "model.width",
            "model.bias",
            "data.n",
            "training.epochs",
            "data.seed",
            "training.evaluateEvery"),
        plan.varying());
    assertEquals(
        List.of(
            "16 true 100 10 1 1",
            "16 true 100 10 0 2",
            "16 true null 20 1 1",
            "16 true null 20 0 2",
            "16 false 100 10 1 1",
            "16 false 100 10 0 2",
            "16 false null 20 1 1",
            "16 false null 20 0 2",
            "8 true 100 10 1 1",
            "8 true 100 10 0 2",
            "8 true null 20 1 1",
            "8 true null 20 0 2"),
        values(plan));
    assertEquals(24, plan.replicas().size());
    assertEquals(
        List.of(3L, 1L, 3L), plan.replicas().stream().limit(3).map(Replica::seed).toList());
    assertSame(plan.points().getFirst(), plan.replicas().get(1).point());
    for (Point point : plan.points()) {
      assertEquals(point.varying().get("model.width"), point.config().model().width());
      assertEquals(point.varying().get("data.n"), point.config().data().n());
    }
  }

  @Test
  void pointsAreNamedByWhatVaries() {
    String hash = "-[0-9a-f]{8}";
    assertNames(
        List.of("width=8" + hash, "width=16" + hash),
        plan("name: x", "sweep: {grid: {model.width: [8, 16]}}"));
    assertNames(List.of("point" + hash), plan("name: x"));
    assertNames(
        List.of(
            "hidden=64x32,learningRate=0\\.001,globalNorm=none" + hash,
            "hidden=64x32,learningRate=1e-8,globalNorm=none" + hash),
        plan(
            "name: x",
            "sweep: {grid: {model.hidden: [[64, 32]],"
                + " training.optimizer.learningRate: [0.001, 1e-8],"
                + " training.clipping.globalNorm: [null]}}"));
    assertNames(
        List.of("data\\.mnist1d\\.seed=1,data\\.labelNoise\\.seed=2,source=mnist1d" + hash),
        plan(
            "name: x",
            "sweep: {grid: {data.mnist1d.seed: [1], data.labelNoise.seed: [2],"
                + " data.source: [mnist1d]}}"));
  }

  @Test
  void pointsThatDifferInADataFileAloneHaveNamesOfTheirOwn() {
    Plan plan =
        plan(
            "name: x",
            "data: {source: csv}",
            "sweep: {grid: {data.csv.path: ['a/train set.csv', 'b/train set.csv']}}");
    String hash = plan.points().getFirst().configHash();
    String name = "path=train_set.csv-" + hash.substring(0, 8);
    assertEquals(List.of(name, name + "-2"), plan.points().stream().map(Point::name).toList());
    assertEquals(hash, plan.points().getLast().configHash());
  }

  @Test
  void longNamesAreCutBeforeTheHash() {
    String many = "[" + "1234, ".repeat(30) + "7]";
    Plan plan = plan("name: x", "sweep: {grid: {model.hidden: [" + many + ", [3]]}}");
    Point point = plan.points().getFirst();
    assertEquals(100, point.name().length());
    assertTrue(point.name().endsWith("-" + point.configHash().substring(0, 8)), point.name());
  }

  private static void assertNames(List<String> patterns, Plan plan) {
    assertEquals(patterns.size(), plan.points().size());
    for (int i = 0; i < patterns.size(); i++) {
      String name = plan.points().get(i).name();
      assertTrue(name.matches(patterns.get(i)), name);
    }
  }

  @Test
  void costIsCounted() {
    // 40-8-8-10: 40*8 + 8*8 + 8*10 = 464 weights and 26 biases; 4000 / 128 = 31.25.
    Plan plan =
        plan("name: x", "training: {epochs: 3}", "seeds: 5", "sweep: {grid: {model.width: [8]}}");
    Cost cost = plan.cost(plan.points().getFirst());
    assertEquals(new Cost(490, 3 * 32, 3.0 * 464 * 4000 * 3), cost);
    assertEquals(5 * 96, plan.totalSteps());
    assertEquals(3, plan("name: x", "training: {epochs: 3, batchSize: full}").totalSteps());
  }

  @Test
  void thePlanFileHasALineAReplica() throws Exception {
    Plan plan =
        plan(
            "name: x",
            "seeds: 2",
            "sweep: {grid: {model.width: [8], data.n: [null], training.labelSmoothing: [0.1]}}");
    List<String> lines = plan.toJsonLines().lines().toList();
    assertEquals(2, lines.size());
    JsonNode second = new ObjectMapper().readTree(lines.get(1));
    Point point = plan.points().getFirst();
    JsonNode expected =
        new ObjectMapper()
            .readTree(
                """
                {"schemaVersion": 1, "point": "%s", "seed": 2, "folder": "%s/seed=2",
                 "varying": {"model.width": 8, "data.n": null, "training.labelSmoothing": 0.1},
                 "configHash": "%s", "parameters": 490, "steps": 3200}
                """
                    .formatted(point.name(), point.name(), point.configHash()));
    assertEquals(expected, second);
  }

  @Test
  void theStoredExperimentGivesTheSamePlan() throws Exception {
    files.write("base.yaml", "training: {epochs: 7}", "sweep: {grid: {data.n: [5]}}");
    Path file =
        files.write(
            "x.yaml",
            "name: x",
            "extends: base.yaml",
            "data: {labelNoise: {kind: redraw}, csv: {path: here.csv}}",
            "sweep:",
            "  grid: {model.width: [8, 16], data.labelNoise.fraction: [0.1, 0.2]}",
            "  zip: {training.epochs: [1, 2], training.optimizer.learningRate: [1e-3, .1]}",
            "  list: [{model.depth: 1}, {model.bias: false}]",
            "  exclude: [{model.width: 8, data.labelNoise.fraction: 0.1}, {model.width: 16,"
                + " data.labelNoise.fraction: 0.2}]");
    for (List<String> overrides :
        List.of(
            List.<String>of(),
            List.of("model.width=[4, 8]"),
            List.of("model.width=16", "training.epochs=3", "seeds=[4, 2]"))) {
      Experiment experiment = Experiment.read(file, overrides);
      Plan plan = Plan.of(experiment, MNIST1D);
      Path run = Files.createDirectories(files.folder().resolve("run"));
      Path stored = new ExperimentFolder(run).write("experiment.yaml", experiment.toYaml());
      Plan again = Plan.of(Experiment.read(stored, List.of()), MNIST1D);
      assertEquals(plan.toJsonLines(), again.toJsonLines());
      assertEquals(plan.points(), again.points());
    }
  }

  @Test
  void dataAreAskedForOnceForAllLabelNoises() {
    List<DataOptions> asked = new ArrayList<>();
    Experiment experiment =
        files.read(
            "name: x",
            "data: {labelNoise: {kind: flip}}",
            "training: {batchSize: full}",
            "sweep: {grid: {model.width: [1, 2], data.labelNoise.fraction: [0.1, 0.2],"
                + " data.n: [9, 10]}}");
    Plan.of(
        experiment,
        options -> {
          asked.add(options);
          return new DataShape(2, 2, 9, 0, 1000);
        });
    assertEquals(List.of(9, 10), asked.stream().map(DataOptions::n).toList());
  }

  @Test
  void aBadSweepIsRefusedWithOneLine() {
    assertEquals(
        "x.yaml:3: sweep has 110000 replicas, allowed: up to 100000",
        refusal(
            "name: x",
            "sweep:",
            "  grid: {model.width: %s, training.epochs: %s}".formatted(upTo(1100), upTo(100))));
    assertEquals(
        "x.yaml:2: sweep has 100100000000 replicas before exclude, allowed: up to 100000",
        refusal(
            "name: x",
            "sweep: {grid: {model.width: %s, training.epochs: %s}, exclude: [{model.width: 1}]}"
                .formatted(upTo(1001), upTo(1000)),
            "seeds: 100000"));
    assertEquals(
        "x.yaml:2: sweep has 0 replicas: exclude matches every point, allowed: 1 or more",
        refusal("name: x", "sweep: {grid: {model.width: [1]}, exclude: [{model.width: 1}]}"));
    assertEquals(
        "x.yaml:4: sweep.exclude has model.width=2, training.epochs=5, which matches nothing in the"
            + " sweep",
        refusal(
            "name: x",
            "sweep:",
            "  grid: {model.width: [1, 2]}",
            "  exclude: [{model.width: 2, training.epochs: 5}]"));
    assertEquals(
        "x.yaml:5: model.width is 0, allowed: a whole number from 1 to 1000000",
        refusal("name: x", "sweep:", "  grid:", "    model.width: [8,", "      0, 16]"));
    assertEquals(
        "x.yaml:4: the points (training.optimizer.name=sgd, training.optimizer.momentum=0.9) and"
            + " (training.optimizer.name=sgd, training.optimizer.momentum=0.5) are the same"
            + " configuration; allowed: each once",
        refusal(
            "name: x",
            "sweep: {grid: {",
            "  training.optimizer.name: [nesterov, sgd],",
            "  training.optimizer.momentum: [0.9, 0.5]}}"));
    assertEquals(
        "x.yaml:3: model.hidden and model.width are both given, allowed: one of them",
        refusal("name: x", "model: {width: 8}", "sweep: {grid: {model.hidden: [[8, 8], [8, 4]]}}"));
  }

  private static String upTo(int last) {
    int[] numbers = new int[last];
    Arrays.setAll(numbers, i -> i + 1);
    return Arrays.toString(numbers);
  }

  /** 4000 examples in batches of 128 are 32 steps an epoch. */
  @Test
  void aScheduleThatContradictsTheTrainingIsRefusedWithOneLine() {
    assertEquals(
        "x.yaml:2: training.schedule.warmupSteps is 64, allowed: below 64, the steps of the"
            + " training",
        refusal("name: x", "training: {epochs: 2, schedule: {warmupSteps: 64}}"));
    assertEquals(
        1, plan("name: x", "training: {epochs: 2, schedule: {warmupSteps: 63}}").points().size());
    assertEquals(
        "x.yaml:3: training.schedule.warmupSteps is 40, allowed: below 32, the steps of the"
            + " training",
        refusal(
            "name: x",
            "sweep: {grid: {training.epochs: [2, 1],",
            "  training.schedule.warmupSteps: [0, 40]}}"),
        "long enough for one point, too long for the other");
    assertEquals(
        "x.yaml:2: training.schedule.floor is 0.2, allowed: 0 to 0.1, the learning rate",
        refusal(
            "name: x",
            "training: {optimizer: {learningRate: 0.1}, schedule: {name: cosine, floor: 0.2}}"));
  }

  @Test
  void whatDoesNotFitTheDataIsRefusedWithOneLine() {
    String batch = ", allowed: 1 to 4000, the number of training examples, or full";
    assertEquals(
        "x.yaml:2: training.batchSize is 4001" + batch,
        refusal("name: x", "training: {batchSize: 4001}"));
    assertEquals(
        "x.yaml:2: training.batchSize is 5000" + batch,
        refusal("name: x", "sweep: {grid: {training.batchSize: [full, 5000]}}"));
    assertEquals(
        "--set training.batchSize=9999: training.batchSize is 9999" + batch,
        files.refusal(
            () ->
                Plan.of(
                    Experiment.read(
                        files.write("x.yaml", "name: x"), List.of("training.batchSize=9999")),
                    MNIST1D)));
    assertEquals(
        "x.yaml: training.batchSize is 128, allowed: 1 to 100, the number of training examples, or"
            + " full",
        files.refusal(
            () -> Plan.of(files.read("name: x"), options -> new DataShape(2, 2, 100, 0, 1000))));
    assertEquals(
        "x.yaml:4: training.stopping.patience needs a validation set, but data.validationFraction is"
            + " 0; allowed with it: above 0, below 1",
        refusal("name: x", "training:", "  stopping:", "    patience: 3"));
    assertEquals(
        "x.yaml:2: the network of (model.width=50000) has 2502600010 parameters, allowed: up to"
            + " 2147483647",
        refusal("name: x", "sweep: {grid: {model.width: [8, 50000]}}"));
  }

  @Test
  void aShardThatIsNotThereIsRefused() {
    Plan plan = plan("name: x");
    for (int[] shard : new int[][] {{5, 4}, {0, 4}, {1, 0}}) {
      assertEquals(
          "shard is %d/%d, allowed: i/n with i from 1 to n".formatted(shard[0], shard[1]),
          files.refusal(() -> plan.shard(shard[0], shard[1])));
    }
  }

  @Test
  void theCostliestReplicasAreDealtOutFirst() {
    Plan plan = plan("name: x", "sweep: {grid: {training.epochs: [1, 2, 3, 4, 5, 6]}}");
    List<List<Integer>> shards = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      shards.add(
          plan.shard(i, 3).stream()
              .map(replica -> replica.point().config().training().epochs())
              .toList());
    }
    assertEquals(List.of(List.of(1, 6), List.of(2, 5), List.of(3, 4)), shards);
  }
}
