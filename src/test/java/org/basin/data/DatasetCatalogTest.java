package org.basin.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.basin.data.DatasetCatalog.Description;
import org.basin.data.DatasetCatalog.Entry;
import org.basin.data.DatasetCatalog.FeatureSummary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetCatalogTest {
  @TempDir Path folder;

  @Test
  void listsEverySourceUnderItsName() {
    assertEquals(
        "mnist1d digits iris wine breast-cancer mnist fashion-mnist csv idx two-spirals"
            + " gaussian-mixture teacher-student random-labels",
        String.join(" ", DatasetCatalog.list().stream().map(Entry::name).toList()));
    assertEquals("CC BY 4.0", DatasetCatalog.entry(DataSource.WINE).licence());
  }

  @Test
  void saysWhetherFetchedDataIsThere() throws IOException {
    String before = System.setProperty("basin.data", folder.toString());
    try {
      Entry absent = DatasetCatalog.entry(DataSource.MNIST);
      assertEquals(false, absent.available());
      assertEquals("basin data fetch mnist", absent.how());
      Path mnist = Files.createDirectories(folder.resolve("mnist"));
      for (String file : DataFetcher.files(DataSource.MNIST)) {
        Files.createFile(mnist.resolve(file.replace(".gz", "")));
      }
      Entry present = DatasetCatalog.entry(DataSource.MNIST);
      assertEquals(true, present.available());
      assertEquals(mnist.toString(), present.how());
    } finally {
      if (before == null) {
        System.clearProperty("basin.data");
      } else {
        System.setProperty("basin.data", before);
      }
    }
  }

  @Test
  void describesAFile() throws IOException {
    Path train = Files.writeString(folder.resolve("train.csv"), "1,7,0\n3,7,1\n5,7,1\n");
    Path test = Files.writeString(folder.resolve("test.csv"), "9,9,0\n");
    DataOptions options =
        Options.of(DataSource.CSV)
            .csv(train.toString(), test.toString())
            .standardized()
            .noise(LabelNoise.FLIP, 1.0, null)
            .build();
    DatasetLoader loader = new DatasetLoader();
    Description description = DatasetCatalog.describe(loader, options, folder);
    assertEquals("csv", description.entry().name());
    assertEquals(new DataShape(2, 2, 3, 0, 1), description.shape());
    assertArrayEquals(new int[] {1, 2}, description.trainCounts());
    assertArrayEquals(new int[] {0, 0}, description.validationCounts());
    assertArrayEquals(new int[] {1, 0}, description.testCounts());
    FeatureSummary varying = description.featureRanges().getFirst();
    assertEquals(3, varying.mean());
    assertEquals(Math.sqrt(8.0 / 3), varying.deviation(), 1e-12);
    assertEquals(1, varying.minimum());
    assertEquals(5, varying.maximum());
    assertEquals(new FeatureSummary(7, 0, 7, 7), description.featureRanges().get(1));
    DataOptions clean =
        Options.of(DataSource.CSV).csv(train.toString(), test.toString()).standardized().build();
    assertEquals(loader.load(clean, folder, 0).hash(), description.hash());
  }

  /** What git tracks and what the jar carries are the same files. */
  @Test
  void theDatasetsFolderIsOnTheClassPath() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("datasets"))) {
      for (Path file : files.toList()) {
        assertTrue(
            getClass().getResource("/datasets/" + file.getFileName()) != null, file.toString());
      }
    }
  }
}
