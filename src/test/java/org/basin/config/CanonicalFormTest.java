package org.basin.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.Tuple.Tuple2;
import org.basin.data.LabelNoise;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.Parameterization;
import org.basin.train.BatchSize;
import org.basin.train.LossFunction;
import org.basin.train.OptimizerKind;
import org.basin.train.ScheduleKind;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CanonicalFormTest {
  private static final Location HERE = Location.of(Path.of("x.yaml"));

  /** A configuration in which each of {@link #OTHER_VALUES} has an effect. */
  private static final Map<String, Object> EVERYTHING_ON =
      Map.ofEntries(
          Map.entry("data.n", 1000),
          Map.entry("data.labelNoise.kind", LabelNoise.REDRAW),
          Map.entry("data.labelNoise.fraction", 0.15),
          Map.entry("model.parameterization", Parameterization.MUP),
          Map.entry("training.optimizer.name", OptimizerKind.ADAM),
          Map.entry("training.schedule.name", ScheduleKind.COSINE),
          Map.entry("training.schedule.warmupSteps", 10),
          Map.entry("training.schedule.decaySteps", 50),
          Map.entry("training.stopping.patience", 3));

  /** For each setting that then has an effect, values that are allowed. */
  private static final Map<String, List<Object>> OTHER_VALUES =
      Map.ofEntries(
          Map.entry("data.n", List.of(1, 2, 999, 1001)),
          Map.entry("data.seed", List.of(1L, -1L, Long.MAX_VALUE)),
          Map.entry("data.standardize", List.of(false)),
          Map.entry("data.validationFraction", List.of(0.1, 0.5, 1e-9)),
          Map.entry("data.labelNoise.fraction", List.of(0.150001, 1.0)),
          Map.entry("data.labelNoise.kind", List.of(LabelNoise.FLIP)),
          Map.entry("data.labelNoise.seed", List.of(0L, 1L)),
          Map.entry("data.mnist1d.samples", List.of(20, 4000)),
          Map.entry("data.mnist1d.length", List.of(20)),
          Map.entry("data.mnist1d.seed", List.of(0L, 43L)),
          Map.entry("model.width", List.of(1, 63, 65)),
          Map.entry("model.depth", List.of(1, 3)),
          Map.entry("model.activation", List.of(Activation.GELU)),
          Map.entry("model.bias", List.of(false)),
          Map.entry("model.batchNorm", List.of(true)),
          Map.entry("model.initialization", List.of(Initialization.LECUN)),
          Map.entry("model.baseWidth", List.of(1, 128)),
          Map.entry("training.loss", List.of(LossFunction.MSE)),
          Map.entry("training.epochs", List.of(1, 101)),
          Map.entry("training.batchSize", List.of(BatchSize.FULL, new BatchSize(1))),
          Map.entry("training.evaluateEvery", List.of(2)),
          Map.entry("training.labelSmoothing", List.of(0.1, 1e-12)),
          Map.entry("training.optimizer.name", List.of(OptimizerKind.ADAMW)),
          Map.entry("training.optimizer.learningRate", List.of(0.1000001, 1e-3)),
          Map.entry("training.optimizer.beta1", List.of(0.0)),
          Map.entry("training.optimizer.beta2", List.of(0.99)),
          Map.entry("training.optimizer.epsilon", List.of(1e-7)),
          Map.entry("training.optimizer.weightDecay", List.of(1e-4)),
          Map.entry("training.optimizer.l2", List.of(1e-4)),
          Map.entry("training.schedule.warmupSteps", List.of(11)),
          Map.entry("training.schedule.warmupFrom", List.of(0.01)),
          Map.entry("training.schedule.decaySteps", List.of(51)),
          Map.entry("training.schedule.floor", List.of(1e-5)),
          Map.entry("training.clipping.globalNorm", List.of(5.0)),
          Map.entry("training.clipping.elementwise", List.of(5.0)),
          Map.entry("training.stopping.patience", List.of(4)),
          Map.entry("training.stopping.minImprovement", List.of(1e-3)),
          Map.entry("training.stopping.trainLoss", List.of(0.0, 0.01)),
          Map.entry("training.stopping.divergenceLoss", List.of(1e5)));

  @TempDir Path folder;

  @Test
  void theDefaultsHaveAKnownForm() {
    assertEquals(
        "{\"algorithm\":1,\"data.mnist1d.correlatedNoiseScale\":0.25,\"data.mnist1d.iidNoiseScale\":0.02,"
            + "\"data.mnist1d.length\":40,\"data.mnist1d.maxTranslation\":48,"
            + "\"data.mnist1d.paddingHigh\":60,\"data.mnist1d.paddingLow\":36,"
            + "\"data.mnist1d.samples\":5000,\"data.mnist1d.scaleCoefficient\":0.4,"
            + "\"data.mnist1d.seed\":42,\"data.mnist1d.shearScale\":0.75,"
            + "\"data.mnist1d.shuffleSequence\":false,\"data.mnist1d.trainFraction\":0.8,"
            + "\"data.source\":\"mnist1d\",\"data.standardize\":true,"
            + "\"data.validationFraction\":0.0,\"model.activation\":\"relu\","
            + "\"model.batchNorm\":false,\"model.bias\":true,\"model.hidden\":[64,64],"
            + "\"model.initialization\":\"he\",\"model.parameterization\":\"standard\","
            + "\"training.batchSize\":128,\"training.epochs\":100,"
            + "\"training.evaluateEvery\":1,\"training.labelSmoothing\":0.0,"
            + "\"training.loss\":\"cross-entropy\",\"training.optimizer.l2\":0.0,"
            + "\"training.optimizer.learningRate\":0.1,\"training.optimizer.name\":\"sgd\","
            + "\"training.optimizer.weightDecay\":0.0,\"training.schedule.name\":\"constant\","
            + "\"training.schedule.warmupSteps\":0,\"training.stopping.divergenceLoss\":10000.0}",
        CanonicalForm.json(ReplicaConfig.DEFAULTS));
    assertEquals(
        "68c6149dbacdcfaf51cb5c1bfb4727e6d34ced57cf97263cefcb4fbaff7491e9",
        CanonicalForm.hash(ReplicaConfig.DEFAULTS));
  }

  @Test
  void theResolvedFormHasEverySettingAndItsValue() throws Exception {
    JsonNode json =
        new ObjectMapper().readTree(CanonicalForm.resolved(ReplicaConfig.DEFAULTS).toString());
    for (String path : Settings.paths()) {
      JsonNode value = json.at("/" + path.replace('.', '/'));
      assertTrue(!value.isMissingNode(), path);
    }
    assertEquals("sgd", json.at("/training/optimizer/name").textValue());
    assertEquals(1e-8, json.at("/training/optimizer/epsilon").doubleValue());
    assertTrue(json.at("/data/n").isNull());
    assertEquals(List.of("data", "model", "training"), fieldNames(json));
  }

  private static List<String> fieldNames(JsonNode json) {
    List<String> names = new ArrayList<>();
    json.fieldNames().forEachRemaining(names::add);
    return names;
  }

  @Test
  void oneMeaningWrittenDifferentlyIsOneHash() {
    ExperimentFolder files = new ExperimentFolder(folder);
    String plain =
        hash(
            files.read(
                "name: x",
                "model: {width: 8, depth: 2}",
                "training: {labelSmoothing: 0.1, epochs: 1000}"));
    assertEquals(
        plain,
        hash(
            files.read(
                "training: {epochs: 1e3, labelSmoothing: 1e-1, loss: cross-entropy}",
                "model: {hidden: [8, 8], bias: true}",
                "engine: cpu",
                "workers: 7",
                "seeds: 4",
                "description: other",
                "name: y")));
    files.write("base.yaml", "model: {width: 8}", "training: {labelSmoothing: 0.5, epochs: 1000}");
    assertEquals(
        plain, hash(files.read("name: x", "extends: base.yaml", "training: {labelSmoothing: .1}")));
    Path file = files.write("x.yaml", "name: x", "model: {width: 9}", "training: {epochs: 1000}");
    assertEquals(
        plain,
        hash(Experiment.read(file, List.of("model.width=8", "training.labelSmoothing=0.10"))));
  }

  private static String hash(Experiment experiment) {
    return CanonicalForm.hash(experiment.resolve(List.of()));
  }

  @ParameterizedTest
  @CsvSource({
    "training.optimizer.momentum=0.5",
    "training.optimizer.weightDecay=0",
    "training.optimizer.beta1=0.5",
    "training.optimizer.beta2=0.5",
    "training.optimizer.epsilon=0.5",
    "training.schedule.warmupFrom=0.5",
    "training.schedule.decayFactor=0.5",
    "training.schedule.decaySteps=5",
    "training.schedule.floor=0.5",
    "training.stopping.minImprovement=0.5",
    "model.baseWidth=5",
    "data.seed=5",
    "data.testFraction=0.5",
    "data.labelNoise.kind=flip",
    "data.labelNoise.seed=3",
    "data.csv.path=x",
    "data.csv.testPath=x",
    "data.csv.header=absent",
    "data.csv.labelColumn=y",
    "data.idx.directory=x",
    "data.idx.trainImages=x",
    "data.idx.trainLabels=x",
    "data.idx.testImages=x",
    "data.idx.testLabels=x",
    "data.generator.samples=5",
    "data.generator.testSamples=5",
    "data.generator.features=5",
    "data.generator.classes=5",
    "data.generator.noise=5",
    "data.generator.turns=5",
    "data.generator.teacherWidth=5"
  })
  void aSettingWithoutEffectIsNoPartOfTheHash(String override) {
    Path file = new ExperimentFolder(folder).write("x.yaml", "name: x");
    assertEquals(
        CanonicalForm.hash(ReplicaConfig.DEFAULTS), hash(Experiment.read(file, List.of(override))));
  }

  @ParameterizedTest
  @CsvSource({
    "training.optimizer.momentum=0.5, training.optimizer.name=nesterov",
    "training.optimizer.weightDecay=0, training.optimizer.name=adamw",
    "training.schedule.decayFactor=0.5, training.schedule.name=step",
    "data.testFraction=0.5, data.source=digits",
    "data.testFraction=0.5, data.source=csv",
    "data.seed=5, data.source=iris",
    "data.seed=5, data.source=random-labels",
    "data.csv.header=absent, data.source=csv",
    "data.csv.labelColumn=y, data.source=csv",
    "data.generator.samples=5, data.source=two-spirals",
    "data.generator.testSamples=5, data.source=two-spirals",
    "data.generator.noise=5, data.source=two-spirals",
    "data.generator.turns=5, data.source=two-spirals",
    "data.generator.features=5, data.source=gaussian-mixture",
    "data.generator.classes=5, data.source=random-labels",
    "data.generator.teacherWidth=5, data.source=teacher-student"
  })
  void itIsOnceItHasAnEffect(String override, String condition) {
    Path file =
        new ExperimentFolder(folder)
            .write("x.yaml", "name: x", "training: {schedule: {decaySteps: 7}}");
    assertNotEquals(
        hash(Experiment.read(file, List.of(condition))),
        hash(Experiment.read(file, List.of(condition, override))));
  }

  @Test
  void everySettingIsCoveredHere() {
    List<String> effective = new ArrayList<>(OTHER_VALUES.keySet());
    String json = CanonicalForm.json(config(Map.of()));
    for (String path : Settings.paths()) {
      if (json.contains("\"" + path + "\"") && !path.startsWith("data.mnist1d.")) {
        assertTrue(
            effective.contains(path)
                || List.of(
                        "model.hidden",
                        "model.parameterization",
                        "data.source",
                        "training.schedule.name")
                    .contains(path),
            path);
      }
    }
  }

  @Property(tries = 300, seed = "20260101")
  void anyEffectiveChangeIsAnotherHash(
      @ForAll("settings") Tuple2<String, Object> one,
      @ForAll("settings") Tuple2<String, Object> other) {
    Assume.that(!one.equals(other));
    String unchanged = CanonicalForm.hash(config(Map.of()));
    String first = CanonicalForm.hash(config(Map.of(one.get1(), one.get2())));
    String second = CanonicalForm.hash(config(Map.of(other.get1(), other.get2())));
    assertNotEquals(unchanged, first);
    assertNotEquals(first, second);
  }

  @Provide
  Arbitrary<Tuple2<String, Object>> settings() {
    return Arbitraries.of(OTHER_VALUES.keySet().stream().sorted().toList())
        .flatMap(
            path ->
                Combinators.combine(Arbitraries.just(path), Arbitraries.of(OTHER_VALUES.get(path)))
                    .as(Tuple::of));
  }

  private static ReplicaConfig config(Map<String, @Nullable Object> changes) {
    Node.Mapping root = Node.Mapping.empty(HERE);
    for (Map.Entry<String, Object> each : EVERYTHING_ON.entrySet()) {
      root = root.withAt(each.getKey(), new Node.Converted(each.getValue(), HERE));
    }
    for (Map.Entry<String, @Nullable Object> each : changes.entrySet()) {
      root = root.withAt(each.getKey(), new Node.Converted(each.getValue(), HERE));
    }
    return RecordBinder.bind(ReplicaConfig.class, root, "");
  }
}
