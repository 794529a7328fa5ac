package org.basin.reproduction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.basin.config.Experiment;
import org.basin.config.ReplicaConfig;
import org.basin.data.DatasetLoader;
import org.basin.data.Split;
import org.basin.engine.EngineRegistry;
import org.basin.execute.PublishedDoubleDescent;
import org.basin.plan.Plan;
import org.basin.plan.Point;
import org.basin.train.HistoryRow;
import org.basin.train.TrainingEngine;
import org.basin.train.TrainingProgress;
import org.basin.train.TrainingTask;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The 38 networks of Greydanus and Kobak's deep double descent study on MNIST-1D, on the shared
 * data, against their published table (one seed each).
 */
@Tag("slow")
class DoubleDescentMnist1dTest {
  private static final Path DATA =
      Path.of(System.getProperty("basin.shared", "../shared"), "datasets", "mnist1d");

  private static final List<PublishedDoubleDescent.Row> TABLE = PublishedDoubleDescent.TABLE;

  /** Row of width 16: from there on the test error of noisy labels rises to its peak and falls. */
  private static final int PAST_THE_NARROW = 7;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void publishedTable(boolean noisy) throws Exception {
    Path train =
        DATA.resolve(noisy ? "mnist1d-16k-train-noisy15.csv.gz" : "mnist1d-16k-train.csv.gz");
    Assumptions.assumeTrue(
        Files.exists(train), () -> "SKIPPED: the shared data are not here: " + train);
    List<HistoryRow> results = train(train, DATA.resolve("mnist1d-16k-test.csv.gz"));
    assertEquals(TABLE.size(), results.size());
    int peakOfError = 0;
    int peakOfLoss = 0;
    int interpolates = -1;
    for (int i = 0; i < TABLE.size(); i++) {
      HistoryRow row = results.get(i);
      PublishedDoubleDescent.Row published = TABLE.get(i);
      assertEquals(
          published.published(noisy),
          100 * row.testError(),
          published.tolerance(),
          "width " + published.width());
      if (i == PAST_THE_NARROW || row.testError() > results.get(peakOfError).testError()) {
        peakOfError = i;
      }
      peakOfLoss = row.testLoss() > results.get(peakOfLoss).testLoss() ? i : peakOfLoss;
      if (interpolates < 0 && row.trainError() == 0) {
        interpolates = i;
      }
    }
    double threshold = TABLE.get(interpolates).width();
    assertTrue(
        threshold >= (noisy ? 47 : 36) && threshold <= 61, "interpolates from width " + threshold);
    double lossPeak = TABLE.get(peakOfLoss).width();
    assertTrue(lossPeak >= 36 && lossPeak <= 61, "test loss peaks at width " + lossPeak);
    if (noisy) {
      double errorPeak = TABLE.get(peakOfError).width();
      assertTrue(errorPeak >= 36 && errorPeak <= 61, "test error peaks at width " + errorPeak);
    }
  }

  /** Final evaluations, in the order of the widths. */
  private static List<HistoryRow> train(Path train, Path test) throws Exception {
    Experiment experiment =
        Experiment.read(
            Path.of("experiments", "double-descent-mnist1d.yaml"),
            List.of(
                "data.source=csv",
                "data.csv.path=" + train.toAbsolutePath(),
                "data.csv.testPath=" + test.toAbsolutePath(),
                "data.labelNoise.kind=none",
                "data.labelNoise.fraction=0"));
    DatasetLoader loader = new DatasetLoader();
    Path base = experiment.directory();
    Plan plan = Plan.of(experiment, options -> loader.shape(options, base));
    List<Future<HistoryRow>> running = new ArrayList<>();
    try (TrainingEngine engine = EngineRegistry.standard().open("cpu");
        ExecutorService pool = Executors.newFixedThreadPool(2)) {
      for (Point point : plan.points()) {
        ReplicaConfig config = point.config();
        Split data = loader.load(config.data(), base, PublishedDoubleDescent.SEED);
        TrainingTask task =
            new TrainingTask(
                config.model().toSpec(data.train().features(), data.train().classes()),
                config.training(),
                data,
                PublishedDoubleDescent.SEED);
        running.add(
            pool.submit(
                () -> engine.train(List.of(task), TrainingProgress.NONE).get(0).finalRow()));
      }
      List<HistoryRow> results = new ArrayList<>();
      for (Future<HistoryRow> each : running) {
        results.add(each.get());
      }
      return results;
    }
  }
}
