package org.basin.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import org.basin.InvalidInputException;
import org.basin.RandomPermutation;

/**
 * Makes the data of replicas, in the order that {@link DataOptions} states.
 *
 * <p>What replicas share is made once: sources are read or generated once, and prepared once for
 * each way of preparing them, so that a replica costs its corrupted labels and their hash. Both are
 * kept for reuse up to a quarter of the heap, the longest unused leaving first. Safe for use by
 * several threads.
 *
 * <p>Whatever cannot be used ends in an {@link InvalidInputException} of one line.
 */
public final class DatasetLoader {
  private final BoundedCache<SourceKey, SourceExamples> sources;
  private final BoundedCache<PreparedKey, Prepared> prepared;

  /** A loader that keeps up to a quarter of the heap for reuse. */
  public DatasetLoader() {
    this(Runtime.getRuntime().maxMemory() / 4);
  }

  DatasetLoader(long cacheBytes) {
    sources = new BoundedCache<>(cacheBytes / 2, SourceExamples::bytes);
    prepared = new BoundedCache<>(cacheBytes / 2, Prepared::bytes);
  }

  /**
   * The data of the replica with root seed {@code replicaSeed}. Replicas whose labels do not depend
   * on their seed get the same instance; the arrays are shared and must not be written to.
   *
   * @param baseDirectory folder that relative paths start from (the experiment file's)
   */
  public Split load(DataOptions options, Path baseDirectory, long replicaSeed) {
    LabelNoiseOptions noise = options.labelNoise();
    DataOptions clean = options.clean(options.standardize());
    PreparedKey key = new PreparedKey(clean, directory(baseDirectory));
    Prepared shared = prepared.get(key, missing -> prepare(clean, baseDirectory));
    return shared.split(noise, replicaSeed);
  }

  /**
   * The sizes of the data, for checks and parameter counts before anything is trained or written.
   * Files are read, and so checked; MNIST-1D and most other generated data is only counted.
   */
  public DataShape shape(DataOptions options, Path baseDirectory) {
    GeneratorOptions generator = options.generator();
    Mnist1dOptions mnist1d = options.mnist1d();
    return switch (options.source()) {
      case MNIST1D -> {
        int train = Mnist1dGenerator.trainCount(mnist1d);
        yield shape(options, mnist1d.length(), 10, train, mnist1d.samples() - train);
      }
      case TWO_SPIRALS, GAUSSIAN_MIXTURE, RANDOM_LABELS -> {
        SyntheticData.checkSizes(options.source(), generator);
        yield shape(
            options,
            SyntheticData.features(options.source(), generator),
            SyntheticData.classes(options.source(), generator),
            generator.samples(),
            generator.testSamples());
      }
      case DIGITS, IRIS, WINE, BREAST_CANCER, MNIST, FASHION_MNIST, CSV, IDX, TEACHER_STUDENT -> {
        SourceExamples source = source(options, baseDirectory);
        Examples train = source.train();
        Examples test = source.test();
        yield shape(
            options,
            train.features(),
            train.classes(),
            train.count(),
            test == null ? 0 : test.count());
      }
    };
  }

  private static DataShape shape(
      DataOptions options, int features, int classes, int trainable, int ownTest) {
    SplitSizes sizes = SplitSizes.of(options, trainable, ownTest);
    return new DataShape(features, classes, sizes.train(), sizes.validation(), sizes.test());
  }

  private SourceExamples source(DataOptions options, Path baseDirectory) {
    return sources.get(
        SourceKey.of(options, directory(baseDirectory)),
        missing -> readOrGenerate(options, baseDirectory));
  }

  private static SourceExamples readOrGenerate(DataOptions options, Path baseDirectory) {
    DataSource source = options.source();
    return switch (source) {
      case MNIST1D -> Mnist1dGenerator.generate(options.mnist1d());
      case TWO_SPIRALS, GAUSSIAN_MIXTURE, TEACHER_STUDENT, RANDOM_LABELS ->
          SyntheticData.generate(source, options.generator(), options.seed());
      case DIGITS -> builtIn("digits.csv.gz");
      case IRIS -> builtIn("iris.csv");
      case WINE -> builtIn("wine.csv");
      case BREAST_CANCER -> builtIn("breast_cancer.csv.gz");
      case CSV -> csv(options.csv(), baseDirectory);
      case IDX -> {
        if (options.idx().directory().isBlank()) {
          throw new InvalidInputException(
              "data.idx.directory is empty, allowed with data.source: idx: the files' folder");
        }
        yield IdxExamples.read(
            existing(options.idx().directory(), baseDirectory, "data.idx.directory"),
            options.idx());
      }
      case MNIST, FASHION_MNIST -> fetched(options, baseDirectory);
    };
  }

  private static SourceExamples builtIn(String file) {
    String resource = "/datasets/" + file;
    try (InputStream stored = DatasetLoader.class.getResourceAsStream(resource)) {
      if (stored == null) {
        throw new FileNotFoundException("it is missing from Basin's class path");
      }
      return new SourceExamples(CsvExamples.read(stored, file, CsvOptions.DEFAULTS), null);
    } catch (IOException unreadable) {
      throw InputFile.problem(file, unreadable);
    }
  }

  private static SourceExamples csv(CsvOptions options, Path baseDirectory) {
    if (options.path().isBlank()) {
      throw new InvalidInputException(
          "data.csv.path is empty, allowed with data.source: csv: the path of a CSV file");
    }
    Path train = existing(options.path(), baseDirectory, "data.csv.path");
    String testPath = options.testPath();
    return CsvExamples.read(
        train,
        testPath.isBlank() ? null : existing(testPath, baseDirectory, "data.csv.testPath"),
        options);
  }

  private static SourceExamples fetched(DataOptions options, Path baseDirectory) {
    String name = DatasetCatalog.name(options.source());
    IdxOptions idx = options.idx();
    if (!idx.directory().isBlank()) {
      Path directory = existing(idx.directory(), baseDirectory, "data.idx.directory");
      return IdxExamples.read(directory, idx);
    }
    Path directory = DataHome.path().resolve(name);
    Path missing = IdxExamples.firstMissing(directory, idx);
    if (missing != null) {
      throw new InvalidInputException(
          "%s: no such file, get it with: basin data fetch %s (or set data.idx.directory)"
              .formatted(missing, name));
    }
    return IdxExamples.read(directory, idx);
  }

  /** {@code path} from the base directory, else from the working directory. */
  private static Path existing(String path, Path baseDirectory, String key) {
    Path fromBase = baseDirectory.resolve(path);
    if (Files.exists(fromBase)) {
      return fromBase;
    }
    Path fromHere = Path.of(path);
    if (Files.exists(fromHere)) {
      return fromHere;
    }
    String places =
        fromHere.isAbsolute() || fromBase.equals(fromHere)
            ? ""
            : " (looked in '%s' and in the working directory)".formatted(baseDirectory);
    throw new InvalidInputException(
        "%s: %s: no such file or folder%s".formatted(key, path, places));
  }

  private Prepared prepare(DataOptions options, Path baseDirectory) {
    SourceExamples source = source(options, baseDirectory);
    Examples all = source.train();
    Examples test = source.test();
    SplitSizes sizes = SplitSizes.of(options, all.count(), test == null ? 0 : test.count());

    // One stream a purpose, so that n moves no split and the validation split no test example.
    SplittableRandom root = new SplittableRandom(options.seed());
    SplittableRandom testStream = root.split();
    SplittableRandom validationStream = root.split();
    SplittableRandom subsampleStream = root.split();

    Examples pool = all;
    if (test == null) {
      int[] order = RandomPermutation.of(all.count(), testStream);
      test = all.select(sorted(order, 0, sizes.test()));
      pool = all.select(sorted(order, sizes.test(), order.length));
    }
    Examples train = pool;
    int[] order = RandomPermutation.of(pool.count(), validationStream);
    Examples validation = pool.select(sorted(order, 0, sizes.validation()));
    if (sizes.validation() > 0) {
      train = pool.select(sorted(order, sizes.validation(), order.length));
    }
    if (sizes.train() < train.count()) {
      order = RandomPermutation.of(train.count(), subsampleStream);
      train = train.select(sorted(order, 0, sizes.train()));
    }
    if (options.standardize()) {
      Standardization standardization = Standardization.fit(train);
      train = standardization.apply(train);
      validation = standardization.apply(validation);
      test = standardization.apply(test);
    }
    return new Prepared(train, validation, test, new SplitHash(train, validation, test));
  }

  /** Part of a permutation in ascending order: examples keep the order of their source. */
  private static int[] sorted(int[] order, int from, int to) {
    int[] part = Arrays.copyOfRange(order, from, to);
    Arrays.sort(part);
    return part;
  }

  private static Path directory(Path baseDirectory) {
    return baseDirectory.toAbsolutePath().normalize();
  }

  private record PreparedKey(DataOptions options, Path baseDirectory) {}

  /** What decides a source's examples. */
  private record SourceKey(
      DataSource source,
      CsvOptions csv,
      IdxOptions idx,
      Mnist1dOptions mnist1d,
      GeneratorOptions generator,
      long generatorSeed,
      Path baseDirectory) {
    static SourceKey of(DataOptions options, Path baseDirectory) {
      boolean seeded =
          switch (options.source()) {
            case TWO_SPIRALS, GAUSSIAN_MIXTURE, TEACHER_STUDENT, RANDOM_LABELS -> true;
            case MNIST1D, DIGITS, IRIS, WINE, BREAST_CANCER, MNIST, FASHION_MNIST, CSV, IDX ->
                false;
          };
      return new SourceKey(
          options.source(),
          options.csv(),
          options.idx(),
          options.mnist1d(),
          options.generator(),
          seeded ? options.seed() : 0,
          baseDirectory);
    }
  }

  /** Everything but the label noise, and the splits that do not depend on a replica's seed. */
  private static final class Prepared {
    private final Examples train;
    private final Examples validation;
    private final Examples test;
    private final SplitHash hash;
    private final Map<LabelNoiseOptions, Split> shared = new ConcurrentHashMap<>();

    Prepared(Examples train, Examples validation, Examples test, SplitHash hash) {
      this.train = train;
      this.validation = validation;
      this.test = test;
      this.hash = hash;
    }

    Split split(LabelNoiseOptions noise, long replicaSeed) {
      return LabelCorruption.dependsOnReplica(noise)
          ? corrupted(noise, replicaSeed)
          : shared.computeIfAbsent(noise, missing -> corrupted(noise, replicaSeed));
    }

    private Split corrupted(LabelNoiseOptions noise, long replicaSeed) {
      int[] labels =
          LabelCorruption.corrupts(noise)
              ? LabelCorruption.apply(train.labels(), train.classes(), noise, replicaSeed)
              : train.labels();
      return new Split(train.withLabels(labels), validation, test, hash.with(labels));
    }

    long bytes() {
      return SourceExamples.bytes(train)
          + SourceExamples.bytes(validation)
          + SourceExamples.bytes(test);
    }
  }
}
