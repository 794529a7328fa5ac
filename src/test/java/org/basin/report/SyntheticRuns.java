package org.basin.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.basin.store.CompletedReplica;
import org.basin.store.CompletedRun;
import org.basin.store.ProbeResult;
import org.basin.store.ReplicaResult;
import org.basin.store.StudyResult;
import org.basin.train.HistoryRow;

/**
 * Made-up runs for tests: the final figures follow the noisy-label double descent on MNIST-1D of
 * Greydanus and Kobak (2020), with invented spread over seeds, training losses and histories.
 */
final class SyntheticRuns {
  static final int TRAIN_EXAMPLES = 4000;
  static final int CLASSES = 10;

  /** Width, training error %, test loss, test error %. */
  static final double[][] DOUBLE_DESCENT = {
    {2, 71.68, 1.757, 69.59},
    {3, 68.65, 1.714, 67.50},
    {4, 62.75, 1.654, 62.55},
    {5, 57.95, 1.467, 57.45},
    {7, 54.45, 1.419, 54.80},
    {9, 47.45, 1.344, 48.97},
    {12, 46.47, 1.371, 50.28},
    {16, 39.70, 1.318, 47.24},
    {21, 38.08, 1.528, 50.84},
    {27, 29.55, 1.664, 50.69},
    {36, 19.02, 2.505, 52.80},
    {47, 5.47, 5.698, 54.05},
    {61, 0.00, 5.786, 54.02},
    {80, 0.00, 4.720, 52.08},
    {104, 0.00, 3.919, 50.23},
    {135, 0.00, 3.494, 48.39},
    {177, 0.00, 3.121, 47.88},
    {230, 0.00, 2.888, 46.54},
    {300, 0.00, 2.629, 45.47},
  };

  private static final String EXPERIMENT =
      """
      # Deep double descent on MNIST-1D, after Greydanus and Kobak (2020)
      name: double-descent
      data:
        source: mnist1d
        labelNoise: 0.15        # redrawn uniformly over all classes
      model:
        depth: 2
        initialization: pytorch
      training:
        optimizer: {name: heavy_ball, learningRate: 0.01, momentum: 0.9}
        batchSize: 100
        epochs: 500
      sweep:
        seeds: 3
        grid:
          model.width: [2, 3, 4, 5, 7, 9, 12, 16, 21, 27, 36, 47, 61, 80, 104, 135, 177, 230, 300]
      """;

  private final List<CompletedReplica> replicas = new ArrayList<>();
  private final List<StudyResult> studies = new ArrayList<>();
  private final List<String> varying;
  private String name = "double-descent";
  private String description =
      "Two hidden layers on MNIST-1D with 15 % of the training labels redrawn.";
  private String experiment = EXPERIMENT;
  private int historyRows = 60;
  private int missing;

  private SyntheticRuns(List<String> varying) {
    this.varying = varying;
  }

  /** The published sweep with {@code seeds} seeds a width. */
  static SyntheticRuns doubleDescent(int seeds) {
    SyntheticRuns runs = new SyntheticRuns(List.of("model.width"));
    runs.addWidths(seeds, Map.of(), 0, 1);
    return runs;
  }

  /** The same with label smoothing and the learning rate swept as well. */
  static SyntheticRuns threeSettings(int seeds) {
    SyntheticRuns runs =
        new SyntheticRuns(
            List.of("training.labelSmoothing", "training.optimizer.learningRate", "model.width"));
    for (String smoothing : List.of("0.0", "0.1", "0.2")) {
      for (String rate : List.of("0.003", "0.01", "0.03")) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("training.labelSmoothing", smoothing);
        settings.put("training.optimizer.learningRate", rate);
        runs.addWidths(
            seeds,
            settings,
            -20 * Double.parseDouble(smoothing) + 2 * Math.log10(Double.parseDouble(rate) / 0.01),
            1 - 2 * Double.parseDouble(smoothing));
      }
    }
    return runs;
  }

  /** Two label-smoothing settings. */
  static SyntheticRuns twoSettings(int seeds) {
    SyntheticRuns runs = new SyntheticRuns(List.of("training.labelSmoothing", "model.width"));
    runs.addWidths(seeds, Map.of("training.labelSmoothing", "0.0"), 0, 1);
    runs.addWidths(seeds, Map.of("training.labelSmoothing", "0.1"), -2, 0.7);
    return runs;
  }

  /** One network of width 47. */
  static SyntheticRuns onePoint(int seeds) {
    SyntheticRuns runs = new SyntheticRuns(List.of());
    for (int seed = 0; seed < seeds; seed++) {
      runs.add(Map.of(), DOUBLE_DESCENT[11], seed, 0, 1, "completed");
    }
    return runs;
  }

  /** Width fixed, {@code key} set to {@code values} in turn. */
  static SyntheticRuns over(String key, List<String> values, int seeds) {
    SyntheticRuns runs = new SyntheticRuns(List.of(key));
    for (int i = 0; i < values.size(); i++) {
      for (int seed = 0; seed < seeds; seed++) {
        runs.add(Map.of(key, values.get(i)), DOUBLE_DESCENT[11], seed, -i, 1, "completed");
      }
    }
    return runs;
  }

  /** Nothing was to be trained. */
  static SyntheticRuns withoutReplicas() {
    return new SyntheticRuns(List.of());
  }

  SyntheticRuns withStudy(StudyResult study) {
    studies.add(study);
    return this;
  }

  SyntheticRuns named(String newName, String newDescription) {
    name = newName;
    description = newDescription;
    return this;
  }

  SyntheticRuns experiment(String yaml) {
    experiment = yaml;
    return this;
  }

  /** Replaces the replicas of this width and seed by one that diverged. */
  SyntheticRuns diverged(int width, long seed) {
    replicas.replaceAll(
        replica ->
            replica.result().width() == width && replica.result().seed() == seed
                ? diverged(replica)
                : replica);
    return this;
  }

  /** Marks the replicas of this seed as stopped early. */
  SyntheticRuns earlyStopped(long seed) {
    replicas.replaceAll(
        replica ->
            replica.result().seed() == seed ? withStatus(replica, "early_stopped") : replica);
    return this;
  }

  /** Adds what a probe measured of each replica. */
  SyntheticRuns withProbe(Function<CompletedReplica, ProbeResult> measured) {
    replicas.replaceAll(
        replica -> {
          SequencedMap<String, ProbeResult> probes = new LinkedHashMap<>(replica.probes());
          ProbeResult result = measured.apply(replica);
          probes.put(result.probe(), result);
          return new CompletedReplica(
              replica.folder(), replica.varying(), replica.result(), replica.history(), probes);
        });
    return this;
  }

  /** Takes away the last {@code count} replicas: the run is incomplete. */
  SyntheticRuns without(int count) {
    replicas.subList(replicas.size() - count, replicas.size()).clear();
    missing += count;
    return this;
  }

  CompletedRun build() {
    return new CompletedRun(
        Path.of("runs", "synthetic"),
        name,
        description,
        experiment,
        provenance(),
        replicas.size() + missing,
        varying,
        List.copyOf(replicas),
        List.copyOf(studies));
  }

  /** P of 40-h-h-10 with biases. */
  static long parameters(long width) {
    return width * width + 52 * width + 10;
  }

  private void addWidths(int seeds, Map<String, String> settings, double shift, double scale) {
    for (double[] row : DOUBLE_DESCENT) {
      for (int seed = 0; seed < seeds; seed++) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String key : varying) {
          values.put(key, settings.getOrDefault(key, Integer.toString((int) row[0])));
        }
        add(values, row, seed, shift, scale, "completed");
      }
    }
  }

  private void add(
      Map<String, String> values,
      double[] row,
      long seed,
      double shift,
      double scale,
      String status) {
    int width = (int) row[0];
    SplittableRandom random = new SplittableRandom(width * 1000L + seed);
    double jitter = seed == 0 ? 0 : random.nextGaussian();
    double trainError =
        row[1] == 0 ? 0 : Math.max(0, row[1] * (1 - 0.03 * shift) + 0.6 * jitter) / 100;
    double trainLoss =
        row[1] == 0 ? 0.006 * Math.pow(61.0 / width, 1.2) * (1 + 0.1 * jitter) : 2.6 * trainError;
    double testLoss = scale * row[2] * (1 + 0.03 * jitter);
    double bump = width > 16 ? shift : shift / 4;
    double testError = (row[3] + bump + 0.7 * jitter) / 100;
    StringBuilder point = new StringBuilder();
    values.forEach((key, value) -> point.append(key).append('=').append(value).append(','));
    ReplicaResult result =
        new ReplicaResult(
            ReplicaResult.SCHEMA_VERSION,
            status,
            point + "1f3c9a2b",
            seed,
            parameters(width),
            width,
            20_000,
            500,
            TRAIN_EXAMPLES,
            CLASSES,
            trainLoss,
            trainError,
            trainLoss,
            Double.NaN,
            Double.NaN,
            testLoss,
            testError,
            3.1 + width / 40.0,
            "dl4j",
            "Example CPU, 2 cores",
            "float32",
            config(values),
            "0".repeat(64),
            "1".repeat(64));
    replicas.add(
        new CompletedReplica(
            point + "1f3c9a2b/seed=" + seed,
            values,
            result,
            history(result),
            new LinkedHashMap<>()));
  }

  /** The varying settings alone, numbers as numbers. */
  private static ObjectNode config(Map<String, String> values) {
    ObjectNode config = new ObjectMapper().createObjectNode();
    values.forEach(
        (path, text) -> {
          int dot = path.lastIndexOf('.');
          ObjectNode section = config;
          if (dot > 0) {
            for (String key : List.of(path.substring(0, dot).split("[.]", -1))) {
              section = section.withObjectProperty(key);
            }
          }
          String key = path.substring(dot + 1);
          if (text.matches("[0-9.]+")) {
            section.put(key, Double.parseDouble(text));
          } else {
            section.put(key, text);
          }
        });
    return config;
  }

  private List<HistoryRow> history(ReplicaResult result) {
    SplittableRandom random = new SplittableRandom(result.seed() * 77 + result.width());
    List<HistoryRow> rows = new ArrayList<>();
    double rate = 12.0 / (1 + 20.0 / result.width());
    for (int i = 0; i <= historyRows; i++) {
      double t = (double) i / historyRows;
      double progress = (1 - Math.exp(-rate * t)) / (1 - Math.exp(-rate));
      double noise = i == historyRows ? 0 : 0.01 * random.nextGaussian() * (1 - t);
      double testDip =
          0.25 * Math.exp(-Math.pow((t - 0.15) / 0.12, 2)) * result.trainExamples() / 4e3;
      rows.add(
          new HistoryRow(
              Math.round(20_000 * t),
              (int) Math.round(500 * t),
              0.005 * (1 + Math.cos(Math.PI * t)),
              2.303 * Math.pow(result.trainLoss() / 2.303, progress) * (1 + noise),
              Math.clamp(0.9 + (result.trainError() - 0.9) * progress + noise, 0, 1),
              Double.NaN,
              Double.NaN,
              2.303 * Math.pow(result.testLoss() / 2.303, progress) - testDip,
              Math.clamp(0.9 + (result.testError() - 0.9) * progress + noise, 0, 1),
              i == 0 ? Double.NaN : (0.4 + 2 * t * Math.exp(-4 * t)) * (1 + 5 * noise)));
    }
    return rows;
  }

  private static CompletedReplica diverged(CompletedReplica replica) {
    ReplicaResult r = replica.result();
    List<HistoryRow> start = replica.history().subList(0, replica.history().size() / 4);
    ReplicaResult result =
        new ReplicaResult(
            r.schemaVersion(),
            "diverged",
            r.point(),
            r.seed(),
            r.parameters(),
            r.width(),
            5_000,
            125,
            r.trainExamples(),
            r.classes(),
            Double.NaN,
            Double.NaN,
            Double.NaN,
            Double.NaN,
            Double.NaN,
            Double.NaN,
            Double.NaN,
            r.seconds(),
            r.engine(),
            r.device(),
            r.precision(),
            r.config(),
            r.configHash(),
            r.dataHash());
    return new CompletedReplica(
        replica.folder(), replica.varying(), result, start, replica.probes());
  }

  private static CompletedReplica withStatus(CompletedReplica replica, String status) {
    ReplicaResult r = replica.result();
    ReplicaResult result =
        new ReplicaResult(
            r.schemaVersion(),
            status,
            r.point(),
            r.seed(),
            r.parameters(),
            r.width(),
            r.steps(),
            r.epochs(),
            r.trainExamples(),
            r.classes(),
            r.trainLoss(),
            r.trainError(),
            r.trainObjective(),
            r.trainLoss() + 0.2,
            r.testError() + 0.01,
            r.testLoss(),
            r.testError(),
            r.seconds(),
            r.engine(),
            r.device(),
            r.precision(),
            r.config(),
            r.configHash(),
            r.dataHash());
    return new CompletedReplica(
        replica.folder(), replica.varying(), result, replica.history(), replica.probes());
  }

  private static JsonNode provenance() {
    ObjectNode node = new ObjectMapper().createObjectNode();
    node.put("schemaVersion", 1);
    node.put("commit", "a5a0c28d2f7b");
    node.put("dirty", false);
    node.put("dataHash", "1".repeat(64));
    node.putObject("jdk").put("version", "25.0.1").put("vendor", "Example");
    node.put("engine", "dl4j 1.0.0-M2.1, nd4j-native");
    node.putArray("arguments").add("run").add("experiments/double-descent.yaml");
    return node;
  }
}
