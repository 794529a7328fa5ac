package org.basin.config;

import static java.util.Map.entry;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.basin.data.DataOptions;
import org.basin.data.DataSource;
import org.basin.data.LabelNoise;
import org.basin.model.Parameterization;
import org.basin.train.OptimizerKind;
import org.basin.train.ScheduleKind;
import org.jspecify.annotations.Nullable;

/**
 * The identity of a configuration: JSON with sorted keys of the settings that have an effect, each
 * in one normal form, and its SHA-256. Two configurations that train the same network the same way
 * have the same; how their files were written does not matter. Where data files lie is no part of
 * it: the data have a hash of their own.
 */
public final class CanonicalForm {
  /**
   * Part of every identity; raised when the same settings come to train another network, so that
   * results of before are trained again.
   */
  static final int ALGORITHM_VERSION = 1;

  private static final Set<OptimizerKind> WITH_MOMENTUM =
      Set.of(OptimizerKind.HEAVY_BALL, OptimizerKind.NESTEROV);
  private static final Set<OptimizerKind> ADAMS = Set.of(OptimizerKind.ADAM, OptimizerKind.ADAMW);
  private static final Set<ScheduleKind> BY_FACTOR =
      Set.of(ScheduleKind.STEP, ScheduleKind.EXPONENTIAL);
  private static final Set<DataSource> GENERATORS =
      Set.of(
          DataSource.TWO_SPIRALS,
          DataSource.GAUSSIAN_MIXTURE,
          DataSource.TEACHER_STUDENT,
          DataSource.RANDOM_LABELS);
  private static final Set<DataSource> WITHOUT_TEST_SET =
      Set.of(DataSource.DIGITS, DataSource.IRIS, DataSource.WINE, DataSource.BREAST_CANCER);

  /** When a setting has an effect; by its path, or its group's. What is not here always has. */
  private static final Map<String, Predicate<ReplicaConfig>> EFFECTIVE =
      Map.ofEntries(
          entry("data.testFraction", c -> splitsOffTest(c.data())),
          entry("data.seed", c -> drawsFromDataSeed(c.data())),
          entry("data.labelNoise.kind", c -> hasLabelNoise(c.data())),
          entry("data.labelNoise.fraction", c -> hasLabelNoise(c.data())),
          entry("data.labelNoise.seed", c -> hasLabelNoise(c.data())),
          entry("data.csv.path", c -> false),
          entry("data.csv.testPath", c -> false),
          entry("data.csv", source(DataSource.CSV)),
          entry("data.idx", c -> false),
          entry("data.mnist1d", source(DataSource.MNIST1D)),
          entry("data.generator.samples", c -> GENERATORS.contains(c.data().source())),
          entry("data.generator.testSamples", c -> GENERATORS.contains(c.data().source())),
          entry("data.generator.features", c -> generatesAnyShape(c.data())),
          entry("data.generator.classes", c -> generatesAnyShape(c.data())),
          entry(
              "data.generator.noise",
              source(DataSource.TWO_SPIRALS).or(source(DataSource.GAUSSIAN_MIXTURE))),
          entry("data.generator.turns", source(DataSource.TWO_SPIRALS)),
          entry("data.generator.teacherWidth", source(DataSource.TEACHER_STUDENT)),
          // They are written as the list of widths that they mean.
          entry("model.width", c -> false),
          entry("model.depth", c -> false),
          entry("model.activation", CanonicalForm::hasHiddenLayers),
          entry("model.batchNorm", CanonicalForm::hasHiddenLayers),
          entry("model.baseWidth", c -> c.model().parameterization() == Parameterization.MUP),
          entry("training.optimizer.momentum", optimizer(WITH_MOMENTUM)),
          entry("training.optimizer.beta1", optimizer(ADAMS)),
          entry("training.optimizer.beta2", optimizer(ADAMS)),
          entry("training.optimizer.epsilon", optimizer(ADAMS)),
          entry("training.schedule.warmupFrom", c -> c.training().schedule().warmupSteps() > 0),
          entry(
              "training.schedule.decaySteps",
              c -> c.training().schedule().name() != ScheduleKind.CONSTANT),
          entry(
              "training.schedule.decayFactor",
              c -> BY_FACTOR.contains(c.training().schedule().name())),
          entry(
              "training.schedule.floor",
              c -> c.training().schedule().name() == ScheduleKind.COSINE),
          entry(
              "training.stopping.minImprovement", c -> c.training().stopping().patience() != null));

  private CanonicalForm() {}

  /** The canonical form of {@code config}; a setting that is off (null) is left out. */
  public static String json(ReplicaConfig config) {
    Map<String, @Nullable Object> effective = new TreeMap<>();
    for (String path : Settings.paths()) {
      Object value = inEffect(config, path);
      if (value != null && isEffective(config, path)) {
        effective.put(path, value);
      }
    }
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("algorithm", ALGORITHM_VERSION);
    effective.forEach((path, value) -> json.set(path, SettingValue.json(value)));
    return json.toString();
  }

  /** SHA-256, in hexadecimal, of {@link #json}. */
  public static String hash(ReplicaConfig config) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(json(config).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException everyJdkHasIt) {
      throw new IllegalStateException(everyJdkHasIt);
    }
  }

  /** The whole configuration, every setting with its value, grouped as in a file. */
  public static ObjectNode resolved(ReplicaConfig config) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    for (String path : Settings.paths()) {
      int dot = path.lastIndexOf('.');
      ObjectNode group = root;
      for (String key : path.substring(0, dot).split("\\.", -1)) {
        group = group.withObjectProperty(key);
      }
      group.set(path.substring(dot + 1), SettingValue.json(Settings.value(config, path)));
    }
    return root;
  }

  /** A record of options, every one with its value, by the names and forms that files have. */
  public static ObjectNode options(Record options) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    for (RecordShape.Component component : RecordShape.of(options.getClass()).components()) {
      node.set(component.name(), SettingValue.json(component.in(options)));
    }
    return node;
  }

  private static @Nullable Object inEffect(ReplicaConfig config, String path) {
    return switch (path) {
      case "model.hidden" -> config.model().hiddenWidths();
      case "training.optimizer.weightDecay" -> config.training().optimizer().decay();
      default -> Settings.value(config, path);
    };
  }

  private static boolean isEffective(ReplicaConfig config, String path) {
    Predicate<ReplicaConfig> own = EFFECTIVE.get(path);
    Predicate<ReplicaConfig> group = EFFECTIVE.get(path.substring(0, path.lastIndexOf('.')));
    return (own == null || own.test(config)) && (group == null || group.test(config));
  }

  private static Predicate<ReplicaConfig> source(DataSource source) {
    return config -> config.data().source() == source;
  }

  private static Predicate<ReplicaConfig> optimizer(Set<OptimizerKind> kinds) {
    return config -> kinds.contains(config.training().optimizer().name());
  }

  private static boolean splitsOffTest(DataOptions data) {
    return WITHOUT_TEST_SET.contains(data.source())
        || (data.source() == DataSource.CSV && data.csv().testPath().isEmpty());
  }

  private static boolean drawsFromDataSeed(DataOptions data) {
    return data.n() != null
        || data.validationFraction() > 0
        || splitsOffTest(data)
        || GENERATORS.contains(data.source());
  }

  private static boolean generatesAnyShape(DataOptions data) {
    return GENERATORS.contains(data.source()) && data.source() != DataSource.TWO_SPIRALS;
  }

  private static boolean hasLabelNoise(DataOptions data) {
    return data.labelNoise().kind() != LabelNoise.NONE && data.labelNoise().fraction() > 0;
  }

  private static boolean hasHiddenLayers(ReplicaConfig config) {
    return !config.model().hiddenWidths().isEmpty();
  }
}
