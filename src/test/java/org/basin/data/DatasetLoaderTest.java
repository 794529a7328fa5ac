package org.basin.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.basin.InvalidInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DatasetLoaderTest {
  private static final Path HERE = Path.of("");

  @TempDir Path folder;

  private final DatasetLoader loader = new DatasetLoader();

  @ParameterizedTest
  @CsvSource({
    "DIGITS, 64, 10, 1438, 359",
    "IRIS, 4, 3, 120, 30",
    "WINE, 13, 3, 142, 36",
    "BREAST_CANCER, 30, 2, 455, 114",
    "MNIST1D, 40, 10, 4000, 1000",
    "TWO_SPIRALS, 2, 2, 1000, 1000",
    "GAUSSIAN_MIXTURE, 10, 2, 1000, 1000",
    "TEACHER_STUDENT, 10, 2, 1000, 1000",
    "RANDOM_LABELS, 10, 2, 1000, 1000"
  })
  void whatIsBuiltInLoadsAtTheSizesThatPlanningIsTold(
      DataSource source, int features, int classes, int train, int test) {
    DataOptions options = Options.of(source).build();
    DataShape expected = new DataShape(features, classes, train, 0, test);
    assertEquals(expected, loader.shape(options, HERE));
    assertEquals(expected, shapeOf(loader.load(options, HERE, 0)));
    DataOptions parts = Options.of(source).fractions(0.3, 0.25).n(50).build();
    assertEquals(loader.shape(parts, HERE), shapeOf(loader.load(parts, HERE, 0)));
  }

  /** Class sizes and a mean that the UCI pages and scikit-learn give for these sets. */
  @Test
  void theBuiltInFilesAreTheOnesKnownByThatName() {
    assertArrayEquals(new int[] {50, 50, 50}, allCounts(DataSource.IRIS));
    assertArrayEquals(new int[] {59, 71, 48}, allCounts(DataSource.WINE));
    assertArrayEquals(new int[] {212, 357}, allCounts(DataSource.BREAST_CANCER));
    assertArrayEquals(
        new int[] {178, 182, 177, 183, 181, 182, 181, 179, 174, 180}, allCounts(DataSource.DIGITS));
    Split iris = loader.load(Options.of(DataSource.IRIS).build(), HERE, 0);
    double sum = 0;
    for (Examples part : List.of(iris.train(), iris.test())) {
      for (int i = 0; i < part.count(); i++) {
        sum += part.inputs()[i * 4];
      }
    }
    assertEquals(5.8433, sum / 150, 1e-4);
  }

  @Property(tries = 60, seed = "1")
  void splitsAreDisjointCompleteNestedAndDecidedByTheSeed(
      @ForAll @DoubleRange(min = 0.05, max = 0.5) double testFraction,
      @ForAll @DoubleRange(min = 0.0, max = 0.5) double validationFraction,
      @ForAll @IntRange(min = 1, max = 20) int small,
      @ForAll @IntRange(min = 20, max = 30) int large,
      @ForAll long seed)
      throws IOException {
    Path numbered = numberedExamples(200);
    double validation = validationFraction < 0.01 ? 0 : validationFraction;
    Options options =
        Options.of(DataSource.CSV)
            .csv(numbered.toString(), "")
            .fractions(testFraction, validation)
            .seed(seed);
    Split all = new DatasetLoader().load(options.build(), HERE, 0);
    List<Integer> everywhere = new ArrayList<>();
    everywhere.addAll(ids(all.train()));
    everywhere.addAll(ids(all.validation()));
    everywhere.addAll(ids(all.test()));
    assertEquals(200, everywhere.size());
    assertEquals(
        new TreeSet<>(IntStream.range(0, 200).boxed().toList()), new TreeSet<>(everywhere));
    assertEquals(Math.round(200 * testFraction), all.test().count());

    Split again = new DatasetLoader().load(options.build(), HERE, 1);
    assertEquals(all.hash(), again.hash());

    Split few = new DatasetLoader().load(options.n(small).build(), HERE, 0);
    Split more = new DatasetLoader().load(options.n(large).build(), HERE, 0);
    assertEquals(small, few.train().count());
    assertTrue(ids(more.train()).containsAll(ids(few.train())));
    assertTrue(ids(all.train()).containsAll(ids(more.train())));
    assertEquals(ids(all.test()), ids(few.test()));
    assertEquals(ids(all.validation()), ids(few.validation()));
  }

  @Test
  void otherSeedsSplitOtherwise() throws IOException {
    Options options = Options.of(DataSource.CSV).csv(numberedExamples(200).toString(), "");
    Split first = loader.load(options.seed(1).build(), HERE, 0);
    Split second = loader.load(options.seed(2).build(), HERE, 0);
    assertNotEquals(ids(first.test()), ids(second.test()));
    assertNotEquals(first.hash(), second.hash());
  }

  @Test
  void askingForAllExamplesIsAskingForNone() {
    Split all = loader.load(Options.of(DataSource.IRIS).build(), HERE, 0);
    Split counted = loader.load(Options.of(DataSource.IRIS).n(120).build(), HERE, 0);
    assertEquals(all.hash(), counted.hash());
  }

  @Test
  void standardisesByTheTrainingExamplesAndOnlyCentresWhatDoesNotVary() throws IOException {
    Path train = Files.writeString(folder.resolve("train.csv"), "1,0.1,0\n3,0.1,1\n");
    Path test = Files.writeString(folder.resolve("test.csv"), "5,0.6,0\n2,0.1,1\n");
    DataOptions options =
        Options.of(DataSource.CSV).csv(train.toString(), test.toString()).standardized().build();
    Split split = loader.load(options, HERE, 0);
    assertArrayEquals(new float[] {-1, 0, 1, 0}, split.train().inputs());
    assertArrayEquals(new float[] {3, 0.5f, 0, 0}, split.test().inputs(), 1e-7f);
  }

  @Test
  void standardisationIsFittedAfterSubsampling() {
    DataOptions options =
        Options.of(DataSource.WINE).fractions(0.2, 0.2).n(40).standardized().build();
    Examples train = loader.load(options, HERE, 0).train();
    for (int j = 0; j < train.features(); j++) {
      double sum = 0;
      double squares = 0;
      for (int i = 0; i < train.count(); i++) {
        double value = train.inputs()[i * train.features() + j];
        sum += value;
        squares += value * value;
      }
      assertEquals(0, sum / train.count(), 1e-5);
      assertEquals(1, squares / train.count(), 1e-5);
    }
  }

  @Test
  void noiseTouchesOnlyTrainingLabels() {
    Options options = Options.of(DataSource.DIGITS).fractions(0.2, 0.2);
    Split clean = loader.load(options.build(), HERE, 5);
    Split noisy = loader.load(options.noise(LabelNoise.FLIP, 1.0, null).build(), HERE, 5);
    assertArrayEquals(clean.train().inputs(), noisy.train().inputs());
    assertArrayEquals(clean.validation().labels(), noisy.validation().labels());
    assertArrayEquals(clean.test().labels(), noisy.test().labels());
    for (int i = 0; i < clean.train().count(); i++) {
      assertNotEquals(clean.train().labels()[i], noisy.train().labels()[i]);
    }
    assertNotEquals(clean.hash(), noisy.hash());
  }

  @Test
  void replicasShareWhatDoesNotDependOnTheirSeed() {
    Options options = Options.of(DataSource.IRIS).standardized();
    Split clean = loader.load(options.build(), HERE, 1);
    assertSame(clean, loader.load(options.build(), HERE, 2));

    DataOptions perReplica = options.noise(LabelNoise.REDRAW, 0.5, null).build();
    Split first = loader.load(perReplica, HERE, 1);
    Split second = loader.load(perReplica, HERE, 2);
    assertNotSame(first, second);
    assertNotEquals(first.hash(), second.hash());
    assertSame(clean.train().inputs(), first.train().inputs());
    assertSame(clean.test(), second.test());
    assertEquals(first.hash(), loader.load(perReplica, HERE, 1).hash());

    DataOptions seeded = options.noise(LabelNoise.REDRAW, 0.5, 3L).build();
    assertSame(loader.load(seeded, HERE, 1), loader.load(seeded, HERE, 2));
  }

  @Test
  void manyThreadsGetTheSameData() throws Exception {
    DataOptions options = Options.of(DataSource.MNIST1D).mnist1d(smallMnist1d(1)).build();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Callable<Split>> tasks = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        int replica = i;
        tasks.add(() -> loader.load(options, HERE, replica));
      }
      Split first = loader.load(options, HERE, 99);
      for (Future<Split> done : threads.invokeAll(tasks)) {
        assertSame(first, done.get());
      }
    }
  }

  @Test
  void memoryForReuseIsBounded() {
    // Each of these sets weighs 100 * (40 + 1) * 4 = 16,400 bytes; two fit, three do not.
    DatasetLoader twoFit = new DatasetLoader(2 * 40_000);
    List<Split> splits = new ArrayList<>();
    for (int seed = 0; seed < 3; seed++) {
      splits.add(twoFit.load(mnist1d(seed), HERE, 0));
    }
    assertSame(splits.get(2), twoFit.load(mnist1d(2), HERE, 0));
    assertSame(splits.get(1), twoFit.load(mnist1d(1), HERE, 0));
    Split made = twoFit.load(mnist1d(0), HERE, 0);
    assertNotSame(splits.getFirst(), made);
    assertEquals(splits.getFirst().hash(), made.hash());
  }

  @Test
  void theHashIsFrozen() throws IOException {
    Path train = Files.writeString(folder.resolve("train.csv"), "1,0\n2,1\n");
    Path test = Files.writeString(folder.resolve("test.csv"), "3,1\n");
    DataOptions options = Options.of(DataSource.CSV).csv(train.toString(), test.toString()).build();
    // hashlib.sha256(struct.pack('>2i i i1f1i i2f2i', 1,2, 0, 1,3.0,1, 2,1.0,2.0,0,1)).hexdigest()
    assertEquals(
        "876f259c76bc19307ea18f618a38d6e2e9e3f84e4b4960bae3858b3a73e134d4",
        loader.load(options, HERE, 0).hash());
  }

  @Test
  void relativePathsStartFromTheBaseDirectoryElseFromTheWorkingDirectory() throws IOException {
    Files.writeString(folder.resolve("own.csv"), "1,0\n2,1\n3,1\n4,0\n5,1\n");
    assertEquals(
        1, loader.shape(Options.of(DataSource.CSV).csv("own.csv", "").build(), folder).test());
    assertEquals(
        30,
        loader
            .shape(Options.of(DataSource.CSV).csv("datasets/iris.csv", "").build(), folder)
            .test());
    assertRefused(
        Options.of(DataSource.CSV).csv("none.csv", "").build(),
        "data.csv.path: none.csv: no such file or folder (looked in '"
            + folder
            + "' and in the working directory)");
  }

  @ParameterizedTest
  @EnumSource(names = {"CSV", "IDX"})
  void aPathIsNeeded(DataSource source) {
    assertRefused(
        Options.of(source).build(),
        source == DataSource.CSV
            ? "data.csv.path is empty, allowed with data.source: csv: the path of a CSV file"
            : "data.idx.directory is empty, allowed with data.source: idx: the files' folder");
  }

  @Test
  void moreExamplesThanThereAre() {
    assertRefused(
        Options.of(DataSource.IRIS).n(200).build(),
        "data.n is 200, but iris has 120 training examples after the splits, allowed: 1 to 120, or"
            + " null for all");
    assertRefused(
        Options.of(DataSource.MNIST1D).n(4001).build(),
        "data.n is 4001, but mnist1d has 4000 training examples, allowed: 1 to 4000, or null for"
            + " all");
  }

  @Test
  void splitsThatWouldBeEmpty() {
    assertRefused(
        Options.of(DataSource.IRIS).fractions(0.001, 0).build(),
        "data.testFraction is 0.001, which of 150 examples of iris makes 0 for test and 150 for"
            + " training, allowed: at least 1 each");
    assertRefused(
        Options.of(DataSource.IRIS).fractions(0.999, 0).build(),
        "data.testFraction is 0.999, which of 150 examples of iris makes 150 for test and 0 for"
            + " training, allowed: at least 1 each");
    assertRefused(
        Options.of(DataSource.IRIS).fractions(0.2, 0.001).build(),
        "data.validationFraction is 0.001, which of 120 examples of iris makes 0 for validation"
            + " and 120 for training, allowed: at least 1 each");
    assertRefused(
        Options.of(DataSource.IRIS).fractions(0.2, 0.999).build(),
        "data.validationFraction is 0.999, which of 120 examples of iris makes 120 for validation"
            + " and 0 for training, allowed: at least 1 each");
  }

  @Test
  void fetchedDataThatIsNotThereSaysHowToGetIt() throws IOException {
    String before = System.setProperty("basin.data", folder.toString());
    try {
      DataOptions options = Options.of(DataSource.FASHION_MNIST).build();
      assertRefused(
          options,
          folder.resolve("fashion-mnist/train-images-idx3-ubyte.gz")
              + ": no such file, get it with: basin data fetch fashion-mnist (or set"
              + " data.idx.directory)");
      writeIdx(folder.resolve("fashion-mnist"));
      assertEquals(new DataShape(6, 2, 4, 0, 2), loader.shape(options, HERE));
    } finally {
      if (before == null) {
        System.clearProperty("basin.data");
      } else {
        System.setProperty("basin.data", before);
      }
    }
  }

  @Test
  void idxFilesLoadFromTheirFolder() throws IOException {
    writeIdx(folder.resolve("kmnist"));
    DataOptions options = Options.of(DataSource.IDX).idx("kmnist").build();
    assertEquals(new DataShape(6, 2, 4, 0, 2), shapeOf(loader.load(options, folder, 0)));
  }

  private static void writeIdx(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.write(directory.resolve("train-images-idx3-ubyte"), IdxFiles.images(4));
    Files.write(directory.resolve("train-labels-idx1-ubyte"), IdxFiles.labels(0, 1, 0, 1));
    Files.write(directory.resolve("t10k-images-idx3-ubyte"), IdxFiles.images(2));
    Files.write(directory.resolve("t10k-labels-idx1-ubyte"), IdxFiles.labels(1, 0));
  }

  /** Both ways to the data refuse in the same words. */
  private void assertRefused(DataOptions options, String message) {
    assertEquals(
        message,
        assertThrows(InvalidInputException.class, () -> loader.load(options, folder, 0))
            .getMessage());
    assertEquals(
        message,
        assertThrows(InvalidInputException.class, () -> loader.shape(options, folder))
            .getMessage());
  }

  private int[] allCounts(DataSource source) {
    Split split = loader.load(Options.of(source).build(), HERE, 0);
    int[] counts = new int[split.train().classes()];
    for (Examples part : List.of(split.train(), split.test())) {
      for (int label : part.labels()) {
        counts[label]++;
      }
    }
    return counts;
  }

  private static DataOptions mnist1d(long seed) {
    return Options.of(DataSource.MNIST1D).mnist1d(smallMnist1d(seed)).build();
  }

  private static Mnist1dOptions smallMnist1d(long seed) {
    return new Mnist1dOptions(100, 0.8, 36, 60, 0.4, 48, 0.25, 0.02, 0.75, 40, false, seed);
  }

  private static DataShape shapeOf(Split split) {
    Examples train = split.train();
    return new DataShape(
        train.features(),
        train.classes(),
        train.count(),
        split.validation().count(),
        split.test().count());
  }

  /** One feature that numbers the examples. */
  private static Path numberedExamples(int count) throws IOException {
    Path file = Files.createTempFile("numbered", ".csv");
    file.toFile().deleteOnExit();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(i).append(',').append(i % 2).append('\n');
    }
    return Files.writeString(file, text);
  }

  private static Set<Integer> ids(Examples examples) {
    Set<Integer> ids = new TreeSet<>();
    for (int i = 0; i < examples.count(); i++) {
      assertEquals(((int) examples.inputs()[i]) % 2, examples.labels()[i]);
      assertTrue(ids.add((int) examples.inputs()[i]), () -> Arrays.toString(examples.inputs()));
    }
    return ids;
  }
}
