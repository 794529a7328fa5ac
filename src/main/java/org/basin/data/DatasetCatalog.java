package org.basin.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What data there is, for {@code basin data list} and {@code basin data describe}. */
public final class DatasetCatalog {
  private DatasetCatalog() {}

  /**
   * One value of {@code data.source}.
   *
   * @param name as written in an experiment file
   * @param what one line on what it is
   * @param licence licence of the data; empty for what is generated or the user's own
   * @param available whether it can be loaded as things are (for the user's own files: always)
   * @param how where it comes from, or how to get it when it is not available
   */
  public record Entry(String name, String what, String licence, boolean available, String how) {}

  /**
   * A dataset, measured before standardisation and without label noise.
   *
   * @param entry what it is
   * @param shape its sizes
   * @param trainCounts {@code [classes]} training examples of each class
   * @param validationCounts {@code [classes]} validation examples of each class
   * @param testCounts {@code [classes]} test examples of each class
   * @param featureRanges what each feature's training values are like
   * @param hash {@link Split#hash()} of the data as prepared, label noise left out
   */
  public record Description(
      Entry entry,
      DataShape shape,
      int[] trainCounts,
      int[] validationCounts,
      int[] testCounts,
      List<FeatureSummary> featureRanges,
      String hash) {}

  /**
   * The training values of one feature.
   *
   * @param mean their mean
   * @param deviation their population standard deviation
   * @param minimum the smallest
   * @param maximum the largest
   */
  public record FeatureSummary(double mean, double deviation, double minimum, double maximum) {}

  /** The name of {@code source} in experiment files: lower case, words joined by hyphens. */
  public static String name(DataSource source) {
    return source.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Every source, in the order of {@link DataSource}. */
  public static List<Entry> list() {
    return Arrays.stream(DataSource.values()).map(DatasetCatalog::entry).toList();
  }

  /** The entry of {@code source}. */
  public static Entry entry(DataSource source) {
    String uci = "CC BY 4.0";
    return switch (source) {
      case MNIST1D ->
          generated(source, "MNIST-1D, 40 values, 10 digits (Greydanus and Kobak 2020)");
      case DIGITS ->
          builtIn(source, "UCI optical digits, 1,797 examples of 8 x 8 values, 10 classes", uci);
      case IRIS -> builtIn(source, "UCI iris, 150 examples of 4 values, 3 classes", uci);
      case WINE -> builtIn(source, "UCI wine, 178 examples of 13 values, 3 classes", uci);
      case BREAST_CANCER ->
          builtIn(
              source,
              "UCI breast cancer Wisconsin (diagnostic), 569 examples of 30 values, 2 classes",
              uci);
      case MNIST ->
          fetched(source, "MNIST, 60,000 + 10,000 images of 28 x 28, 10 digits", "CC BY-SA 3.0");
      case FASHION_MNIST ->
          fetched(source, "Fashion-MNIST, 60,000 + 10,000 images of 28 x 28, 10 classes", "MIT");
      case CSV ->
          new Entry(
              name(source),
              "your CSV or CSV.gz files, label in one column",
              "",
              true,
              "set data.csv.path");
      case IDX ->
          new Entry(
              name(source),
              "your IDX or IDX.gz files (KMNIST and others in MNIST's format)",
              "",
              true,
              "set data.idx.directory");
      case TWO_SPIRALS -> generated(source, "two interleaved spirals in the plane, 2 classes");
      case GAUSSIAN_MIXTURE -> generated(source, "a Gaussian around a random mean for each class");
      case TEACHER_STUDENT ->
          generated(source, "Gaussian inputs labelled by a random one-hidden-layer ReLU network");
      case RANDOM_LABELS -> generated(source, "Gaussian inputs, labels independent of them");
    };
  }

  private static Entry generated(DataSource source, String what) {
    return new Entry(name(source), what, "", true, "generated from a seed");
  }

  private static Entry builtIn(DataSource source, String what, String licence) {
    return new Entry(name(source), what, licence, true, "comes with Basin (datasets/)");
  }

  private static Entry fetched(DataSource source, String what, String licence) {
    Path directory = DataHome.path().resolve(name(source));
    boolean there = DataFetcher.files(source).stream().allMatch(f -> isPresent(directory, f));
    String how = there ? directory.toString() : "basin data fetch " + name(source);
    return new Entry(name(source), what, licence, there, how);
  }

  private static boolean isPresent(Path directory, String file) {
    String plain = file.substring(0, file.length() - ".gz".length());
    return Files.exists(directory.resolve(file)) || Files.exists(directory.resolve(plain));
  }

  /**
   * Measures the data that {@code options} describe.
   *
   * @param loader reads or generates it
   * @param baseDirectory folder that relative paths start from
   */
  public static Description describe(
      DatasetLoader loader, DataOptions options, Path baseDirectory) {
    Split asPrepared = loader.load(options.clean(options.standardize()), baseDirectory, 0);
    Split raw = loader.load(options.clean(false), baseDirectory, 0);
    Examples train = raw.train();
    return new Description(
        entry(options.source()),
        new DataShape(
            train.features(),
            train.classes(),
            train.count(),
            raw.validation().count(),
            raw.test().count()),
        classCounts(train),
        classCounts(raw.validation()),
        classCounts(raw.test()),
        featureSummaries(train),
        asPrepared.hash());
  }

  private static int[] classCounts(Examples examples) {
    int[] counts = new int[examples.classes()];
    for (int label : examples.labels()) {
      counts[label]++;
    }
    return counts;
  }

  private static List<FeatureSummary> featureSummaries(Examples train) {
    Standardization fitted = Standardization.fit(train);
    int features = train.features();
    float[] minima = Arrays.copyOf(train.inputs(), features);
    float[] maxima = minima.clone();
    for (int i = features; i < train.inputs().length; i++) {
      int feature = i % features;
      minima[feature] = Math.min(minima[feature], train.inputs()[i]);
      maxima[feature] = Math.max(maxima[feature], train.inputs()[i]);
    }
    FeatureSummary[] summaries = new FeatureSummary[features];
    for (int j = 0; j < features; j++) {
      // Standardization divides what does not vary by 1; its deviation is 0 all the same.
      double deviation = minima[j] == maxima[j] ? 0.0 : fitted.deviations()[j];
      summaries[j] = new FeatureSummary(fitted.means()[j], deviation, minima[j], maxima[j]);
    }
    return List.of(summaries);
  }
}
