package org.basin.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.basin.InvalidInputException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxExamplesTest {
  private static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
  private static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
  private static final String TEST_IMAGES = "t10k-images-idx3-ubyte";
  private static final String TEST_LABELS = "t10k-labels-idx1-ubyte";

  @TempDir Path folder;

  @BeforeEach
  void fourGoodFiles() throws IOException {
    write(TRAIN_IMAGES + ".gz", IdxFiles.gzip(IdxFiles.images(50)));
    write(TRAIN_LABELS, IdxFiles.labels(labels(50)));
    write(TEST_IMAGES, IdxFiles.images(2));
    write(TEST_LABELS + ".gz", IdxFiles.gzip(IdxFiles.labels(2, 0)));
  }

  @Test
  void readsGzipAndPlainFilesWhicheverIsThere() {
    SourceExamples read = IdxExamples.read(folder, IdxOptions.DEFAULTS);
    Examples train = read.train();
    assertEquals(50, train.count());
    assertEquals(6, train.features());
    assertEquals(3, train.classes());
    assertEquals(0f, train.inputs()[0]);
    assertEquals(1f, train.inputs()[255]);
    assertEquals(128 / 255f, train.inputs()[128]);
    assertArrayEquals(new int[] {0, 1, 2, 0}, Arrays.copyOf(train.labels(), 4));
    Examples test = read.test();
    assertNotNull(test);
    assertArrayEquals(new int[] {2, 0}, test.labels());
    assertEquals(3, test.classes());
  }

  @Test
  void aWrongMagicNumber() throws IOException {
    Path file = write(TRAIN_LABELS, IdxFiles.images(50));
    assertRefused(
        file + ", byte 0: the magic number is 0x00000803, allowed for labels: 0x00000801");
  }

  @Test
  void aFileThatEndsTooEarly() throws IOException {
    Path file = write(TEST_IMAGES, Arrays.copyOf(IdxFiles.images(2), 25));
    assertRefused(
        file + ", byte 25: ends too early; the header promises 12 bytes of data, 9 are there");
  }

  @Test
  void aFileThatEndsInItsHeader() throws IOException {
    Path file = write(TEST_IMAGES, Arrays.copyOf(IdxFiles.images(2), 11));
    assertRefused(file + ", byte 11: ends within the IDX header of 16 bytes");
    write(TEST_IMAGES, new byte[0]);
    assertRefused(file + ", byte 0: ends within the IDX header of 16 bytes");
  }

  @Test
  void trailingBytes() throws IOException {
    Path file = write(TEST_IMAGES, Arrays.copyOf(IdxFiles.images(2), 31));
    assertRefused(file + ", byte 28: 3 bytes follow the 12 that the header promises");
  }

  @Test
  void anAbsurdSize() throws IOException {
    byte[] bytes = IdxFiles.images(2);
    bytes[8] = 0x7f;
    Path file = write(TEST_IMAGES, bytes);
    assertRefused(
        file
            + ", byte 8: size 2130706434 is not allowed, allowed: sizes whose product is below"
            + " 2^31");
  }

  @Test
  void imagesAndLabelsThatDoNotBelongTogether() throws IOException {
    Path labels = write(TRAIN_LABELS, IdxFiles.labels(labels(49)));
    assertRefused(
        folder.resolve(TRAIN_IMAGES + ".gz")
            + ": holds 50 images, but "
            + labels
            + " holds 49 labels; the training files do not belong together");
  }

  @Test
  void testLabelsThatTrainingLacks() throws IOException {
    Path file = write(TEST_LABELS + ".gz", IdxFiles.gzip(IdxFiles.labels(0, 3)));
    assertRefused(
        file + ", byte 9: the label is 3, allowed: 0 to 2, the classes of the training labels");
  }

  @Test
  void anAbsentClass() throws IOException {
    int[] labels = labels(50);
    Arrays.setAll(labels, i -> labels[i] == 1 ? 2 : labels[i]);
    Path file = write(TRAIN_LABELS, IdxFiles.labels(labels));
    assertRefused(
        file
            + ": the largest label is 2, but no example has label 1, allowed: labels 0..K-1 with"
            + " every class present");
  }

  @Test
  void aTruncatedGzip() throws IOException {
    byte[] whole = IdxFiles.gzip(IdxFiles.images(50));
    Path file = write(TRAIN_IMAGES + ".gz", Arrays.copyOf(whole, whole.length - 20));
    assertRefused(file + ": the gzip data ends too early; the file is truncated");
  }

  @Test
  void aMissingFile() throws IOException {
    Files.delete(folder.resolve(TRAIN_LABELS));
    assertRefused(folder.resolve(TRAIN_LABELS + ".gz") + ": no such file");
  }

  @Test
  void noImages() throws IOException {
    Path file = write(TEST_IMAGES, IdxFiles.images(0));
    write(TEST_LABELS + ".gz", IdxFiles.gzip(IdxFiles.labels()));
    assertRefused(file + ": holds no images");
  }

  @Test
  void readsMnist() {
    Path mnist = SharedData.require("mnist");
    SourceExamples read = IdxExamples.read(mnist, IdxOptions.DEFAULTS);
    assertEquals(60_000, read.train().count());
    assertEquals(784, read.train().features());
    assertEquals(10, read.train().classes());
    // The first labels and the mean pixel that MNIST is known by.
    assertArrayEquals(
        new int[] {5, 0, 4, 1, 9, 2, 1, 3, 1, 4}, Arrays.copyOf(read.train().labels(), 10));
    double sum = 0;
    for (float pixel : read.train().inputs()) {
      sum += pixel;
    }
    assertEquals(0.1307, sum / read.train().inputs().length, 5e-5);
  }

  private void assertRefused(String message) {
    InvalidInputException refused =
        assertThrows(
            InvalidInputException.class, () -> IdxExamples.read(folder, IdxOptions.DEFAULTS));
    assertEquals(message, refused.getMessage());
  }

  private static int[] labels(int count) {
    int[] labels = new int[count];
    Arrays.setAll(labels, i -> i % 3);
    return labels;
  }

  private Path write(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }
}
