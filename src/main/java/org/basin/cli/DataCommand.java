package org.basin.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.basin.InvalidInputException;
import org.basin.config.Experiment;
import org.basin.data.DataFetcher;
import org.basin.data.DataOptions;
import org.basin.data.DataSource;
import org.basin.data.DatasetCatalog;
import org.basin.data.DatasetLoader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code basin data}: what data there is, what it is like, and how to get it. */
@Command(
    name = "data",
    description = "List, describe and fetch data.",
    mixinStandardHelpOptions = true)
final class DataCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  private static Optional<DataSource> source(String name) {
    return Arrays.stream(DataSource.values())
        .filter(source -> DatasetCatalog.name(source).equals(name))
        .findFirst();
  }

  @Command(name = "list", description = "List the data sources.", mixinStandardHelpOptions = true)
  int list() {
    for (DatasetCatalog.Entry entry : DatasetCatalog.list()) {
      spec.commandLine()
          .getOut()
          .printf(
              Locale.ROOT,
              "%-18s %s%s; %s%n",
              entry.name(),
              entry.what(),
              entry.licence().isEmpty() ? "" : " (" + entry.licence() + ")",
              entry.available() ? entry.how() : "to get it: " + entry.how());
    }
    return Basin.DONE;
  }

  @Command(
      name = "describe",
      description = "Describe a source with its defaults, or the data of an experiment file.",
      mixinStandardHelpOptions = true)
  int describe(
      @Parameters(paramLabel = "SOURCE|FILE", description = "A source's name, or a file.")
          String what,
      @Option(names = "--set", paramLabel = "PATH=VALUE", description = "Change a setting.")
          @Nullable List<String> overrides) {
    Optional<DataSource> named = source(what);
    List<String> changes = new ArrayList<>(overrides == null ? List.of() : overrides);
    DataOptions options;
    Path base;
    if (named.isPresent()) {
      if (!changes.isEmpty()) {
        throw new InvalidInputException("--set is given; allowed only with an experiment file");
      }
      options = withSource(named.get());
      base = Path.of("").toAbsolutePath();
    } else if (what.endsWith(".yaml") || what.endsWith(".yml")) {
      Experiment experiment = Experiment.read(Path.of(what), changes);
      options = experiment.resolve(List.of()).data();
      base = experiment.directory();
    } else {
      throw new InvalidInputException(
          "there is no data source '%s', allowed: %s, or an experiment file (.yaml)"
              .formatted(
                  what,
                  DatasetCatalog.list().stream()
                      .map(DatasetCatalog.Entry::name)
                      .collect(Collectors.joining(", "))));
    }
    print(DatasetCatalog.describe(new DatasetLoader(), options, base));
    return Basin.DONE;
  }

  private static DataOptions withSource(DataSource source) {
    DataOptions defaults = DataOptions.DEFAULTS;
    return new DataOptions(
        source,
        defaults.n(),
        defaults.testFraction(),
        defaults.validationFraction(),
        defaults.standardize(),
        defaults.seed(),
        defaults.labelNoise(),
        defaults.csv(),
        defaults.idx(),
        defaults.mnist1d(),
        defaults.generator());
  }

  private void print(DatasetCatalog.Description data) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(data.entry().name() + ": " + data.entry().what());
    out.printf(
        Locale.ROOT,
        "%d features, %d classes; %d training, %d validation, %d test examples%n",
        data.shape().features(),
        data.shape().classes(),
        data.shape().train(),
        data.shape().validation(),
        data.shape().test());
    out.println("training examples a class: " + counts(data.trainCounts()));
    out.println("test examples a class:     " + counts(data.testCounts()));
    List<DatasetCatalog.FeatureSummary> features = data.featureRanges();
    out.printf(Locale.ROOT, "%8s %10s %10s %10s %10s%n", "feature", "mean", "std", "min", "max");
    int shown = Math.min(features.size(), 12);
    for (int j = 0; j < shown; j++) {
      DatasetCatalog.FeatureSummary f = features.get(j);
      out.printf(
          Locale.ROOT,
          "%8d %10.4g %10.4g %10.4g %10.4g%n",
          j,
          f.mean(),
          f.deviation(),
          f.minimum(),
          f.maximum());
    }
    if (shown < features.size()) {
      out.println("... and " + (features.size() - shown) + " features more");
    }
    out.println("SHA-256 as prepared: " + data.hash());
  }

  private static String counts(int[] counts) {
    return Arrays.stream(counts).mapToObj(Integer::toString).collect(Collectors.joining(" "));
  }

  @Command(
      name = "fetch",
      description = "Download a dataset from its public home and check it.",
      mixinStandardHelpOptions = true)
  int fetch(@Parameters(paramLabel = "NAME", description = "mnist or fashion-mnist.") String name) {
    String allowed =
        DataFetcher.fetchable().stream()
            .map(DatasetCatalog::name)
            .collect(Collectors.joining(", "));
    DataSource source =
        source(name)
            .filter(DataFetcher.fetchable()::contains)
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        "'%s' cannot be fetched, allowed: %s".formatted(name, allowed)));
    PrintWriter out = spec.commandLine().getOut();
    DataFetcher.of(source)
        .fetch(
            file -> {
              out.println(
                  file.path() + (file.downloaded() ? " from " + file.from() : " was there"));
              out.flush();
            });
    return Basin.DONE;
  }
}
