package org.basin.execute;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.basin.data.CsvOptions;
import org.basin.data.DataOptions;
import org.basin.data.DataSource;
import org.basin.data.DatasetLoader;
import org.basin.data.GeneratorOptions;
import org.basin.data.IdxOptions;
import org.basin.data.LabelNoise;
import org.basin.data.LabelNoiseOptions;
import org.basin.data.Mnist1dOptions;
import org.basin.data.Split;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.Parameterization;
import org.basin.train.BatchSize;
import org.basin.train.ClippingOptions;
import org.basin.train.LossFunction;
import org.basin.train.OptimizerKind;
import org.basin.train.OptimizerOptions;
import org.basin.train.ScheduleOptions;
import org.basin.train.StoppingOptions;
import org.basin.train.TrainingEngine;
import org.basin.train.TrainingOptions;
import org.basin.train.TrainingProgress;
import org.basin.train.TrainingTask;

/**
 * The table of Greydanus and Kobak's deep double descent study (2020, "Scaling down deep learning",
 * notebook deep-double-descent): 40-w-w-10 ReLU networks on 4,000 examples of MNIST-1D, one seed
 * each, and networks of the same to hold beside it.
 */
public final class PublishedDoubleDescent {
  /** With seed 1 the network of width 2 starts dead, as one in ten does. */
  public static final long SEED = 2;

  /** Rows of widths that train in a moment: before, at and past the threshold of interpolation. */
  private static final List<Integer> CHEAP = List.of(16, 47, 104);

  private static final Mnist1dOptions SAMPLES = mnist1d();

  /**
   * A width's row.
   *
   * @param width of both hidden layers
   * @param clean published test error in percent
   * @param noisy the same with 15 % of the training labels drawn anew
   * @param deviation of the test error over seeds, in percentage points, as measured here: what a
   *     single seed is uncertain by
   */
  public record Row(int width, double clean, double noisy, double deviation) {

    /** The published test error in percent. */
    public double published(boolean withNoise) {
      return withNoise ? noisy : clean;
    }

    /** Percentage points that two single seeds may differ by: two, and two deviations. */
    public double tolerance() {
      return 2 + 2 * deviation;
    }
  }

  /**
   * A network beside its row.
   *
   * @param row the published one
   * @param noisy whether labels were drawn anew
   * @param testError in percent
   */
  public record Result(Row row, boolean noisy, double testError) {
    /** Whether it is within the row's tolerance. */
    public boolean holds() {
      return Math.abs(testError - row.published(noisy)) <= row.tolerance();
    }
  }

  /** The table, by width. */
  public static final List<Row> TABLE =
      List.of(
          new Row(2, 68.53, 69.59, 7.0),
          new Row(3, 66.83, 67.50, 2.6),
          new Row(4, 58.27, 62.55, 3.3),
          new Row(5, 61.37, 57.45, 2.9),
          new Row(7, 54.20, 54.80, 2.4),
          new Row(9, 49.33, 48.97, 2.2),
          new Row(12, 50.08, 50.28, 2.3),
          new Row(16, 44.55, 47.24, 1.5),
          new Row(21, 42.63, 50.84, 1.0),
          new Row(27, 41.02, 50.69, 0.9),
          new Row(36, 41.66, 52.80, 1.0),
          new Row(47, 41.01, 54.05, 1.0),
          new Row(61, 41.24, 54.02, 0.5),
          new Row(80, 39.59, 52.08, 0.5),
          new Row(104, 38.61, 50.23, 0.5),
          new Row(135, 38.58, 48.39, 0.5),
          new Row(177, 38.09, 47.88, 0.5),
          new Row(230, 37.10, 46.54, 0.5),
          new Row(300, 37.25, 45.47, 0.5));

  private PublishedDoubleDescent() {}

  /**
   * Trains the rows that take a moment, 20,000 steps each.
   *
   * @throws InterruptedException when the thread was interrupted
   */
  public static List<Result> cheapPart(TrainingEngine engine) throws InterruptedException {
    DatasetLoader loader = new DatasetLoader();
    List<Result> results = new ArrayList<>();
    for (boolean noisy : new boolean[] {false, true}) {
      Split data = loader.load(data(noisy), Path.of(""), SEED);
      for (Row row : TABLE) {
        if (CHEAP.contains(row.width())) {
          TrainingTask task = new TrainingTask(spec(row.width()), training(), data, SEED);
          double error =
              engine.train(List.of(task), TrainingProgress.NONE).getFirst().finalRow().testError();
          results.add(new Result(row, noisy, 100 * error));
        }
      }
    }
    return List.copyOf(results);
  }

  private static Mnist1dOptions mnist1d() {
    Mnist1dOptions base = Mnist1dOptions.DEFAULTS;
    return new Mnist1dOptions(
        16_000,
        0.25,
        base.paddingLow(),
        base.paddingHigh(),
        base.scaleCoefficient(),
        base.maxTranslation(),
        base.correlatedNoiseScale(),
        base.iidNoiseScale(),
        base.shearScale(),
        base.length(),
        base.shuffleSequence(),
        base.seed());
  }

  private static DataOptions data(boolean noisy) {
    LabelNoiseOptions noise =
        noisy ? new LabelNoiseOptions(LabelNoise.REDRAW, 0.15, 1L) : LabelNoiseOptions.DEFAULTS;
    return new DataOptions(
        DataSource.MNIST1D,
        null,
        DataOptions.DEFAULTS.testFraction(),
        0,
        false,
        0,
        noise,
        CsvOptions.DEFAULTS,
        IdxOptions.DEFAULTS,
        SAMPLES,
        GeneratorOptions.DEFAULTS);
  }

  private static MlpSpec spec(int width) {
    return new MlpSpec(
        40,
        List.of(width, width),
        10,
        Activation.RELU,
        true,
        false,
        Initialization.PYTORCH,
        Parameterization.STANDARD,
        64);
  }

  private static TrainingOptions training() {
    return new TrainingOptions(
        LossFunction.CROSS_ENTROPY,
        500,
        new BatchSize(100),
        500,
        0,
        new OptimizerOptions(OptimizerKind.HEAVY_BALL, 0.01, 0.9, 0.9, 0.999, 1e-8, null, 0),
        ScheduleOptions.DEFAULTS,
        ClippingOptions.DEFAULTS,
        StoppingOptions.DEFAULTS);
  }
}
