package org.basin.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.basin.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * Reads labelled images from IDX, the format of MNIST (LeCun, Cortes and Burges 1998): a big-endian
 * magic number 0x00000803 (images) or 0x00000801 (labels), the sizes as 32-bit integers, then
 * unsigned bytes. Pixels are scaled from 0..255 to [0, 1]; every image is one row.
 */
final class IdxExamples {
  private static final int IMAGES_MAGIC = 0x0803;
  private static final int LABELS_MAGIC = 0x0801;
  private static final int MAX_CLASSES = 256;

  private IdxExamples() {}

  /**
   * Reads the four files of {@code options} in {@code directory}.
   *
   * @throws InvalidInputException with file and byte offset, when a file cannot be used
   */
  static SourceExamples read(Path directory, IdxOptions options) {
    Examples train =
        read(directory, options.trainImages(), options.trainLabels(), MAX_CLASSES, "training");
    boolean[] seen = new boolean[MAX_CLASSES];
    int largest = 0;
    for (int label : train.labels()) {
      seen[label] = true;
      largest = Math.max(largest, label);
    }
    Path trainLabels = present(directory, options.trainLabels());
    ClassCoverage.require(Arrays.copyOf(seen, largest + 1), largest, trainLabels.toString());
    int classes = largest + 1;
    Examples test = read(directory, options.testImages(), options.testLabels(), classes, "test");
    if (test.features() != train.features()) {
      throw new InvalidInputException(
          "%s: images of %d pixels, but the training images have %d"
              .formatted(
                  present(directory, options.testImages()), test.features(), train.features()));
    }
    return new SourceExamples(
        new Examples(train.inputs(), train.labels(), train.features(), classes), test);
  }

  /** The first of the four files that is in {@code directory} neither with nor without .gz. */
  static @Nullable Path firstMissing(Path directory, IdxOptions options) {
    return Stream.of(
            options.trainImages(),
            options.trainLabels(),
            options.testImages(),
            options.testLabels())
        .map(name -> present(directory, name))
        .filter(file -> !Files.exists(file))
        .findFirst()
        .orElse(null);
  }

  private static Examples read(
      Path directory, String imagesName, String labelsName, int classes, String part) {
    Path imagesFile = present(directory, imagesName);
    Path labelsFile = present(directory, labelsName);
    ByteBuffer labelBytes = content(labelsFile, LABELS_MAGIC, 1);
    ByteBuffer imageBytes = content(imagesFile, IMAGES_MAGIC, 3);
    int count = imageBytes.getInt(4);
    if (labelBytes.getInt(4) != count) {
      throw new InvalidInputException(
          "%s: holds %d images, but %s holds %d labels; the %s files do not belong together"
              .formatted(imagesFile, count, labelsFile, labelBytes.getInt(4), part));
    }
    if (count == 0) {
      throw new InvalidInputException(imagesFile + ": holds no images");
    }
    int features = imageBytes.getInt(8) * imageBytes.getInt(12);
    if (features == 0) {
      throw new InvalidInputException(imagesFile + ", byte 8: its images have no pixels");
    }
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = labelBytes.get(8 + i) & 0xff;
      if (labels[i] >= classes) {
        throw new InvalidInputException(
            "%s, byte %d: the label is %d, allowed: 0 to %d, the classes of the training labels"
                .formatted(labelsFile, 8 + i, labels[i], classes - 1));
      }
    }
    float[] inputs = new float[count * features];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = (imageBytes.get(16 + i) & 0xff) / 255f;
    }
    return new Examples(inputs, labels, features, classes);
  }

  /** The file, with or without .gz, whichever is there. */
  private static Path present(Path directory, String name) {
    Path named = directory.resolve(name);
    Path other =
        directory.resolve(
            name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name + ".gz");
    return !Files.exists(named) && Files.exists(other) ? other : named;
  }

  /** All bytes of an IDX file, header included, its magic number and its length checked. */
  private static ByteBuffer content(Path file, int magic, int dimensions) {
    byte[] bytes;
    try (InputStream stream = InputFile.open(file)) {
      bytes = stream.readAllBytes();
    } catch (IOException unreadable) {
      throw InputFile.problem(file.toString(), unreadable);
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    int headerBytes = 4 + 4 * dimensions;
    if (bytes.length >= 4 && buffer.getInt(0) != magic) {
      throw new InvalidInputException(
          "%s, byte 0: the magic number is 0x%08x, allowed for %s: 0x%08x"
              .formatted(
                  file, buffer.getInt(0), magic == IMAGES_MAGIC ? "images" : "labels", magic));
    }
    if (bytes.length < headerBytes) {
      throw new InvalidInputException(
          "%s, byte %d: ends within the IDX header of %d bytes"
              .formatted(file, bytes.length, headerBytes));
    }
    long promised = 1;
    for (int d = 0; d < dimensions; d++) {
      int size = buffer.getInt(4 + 4 * d);
      if (size < 0 || (size > 0 && promised > Integer.MAX_VALUE / size)) {
        throw new InvalidInputException(
            "%s, byte %d: size %d is not allowed, allowed: sizes whose product is below 2^31"
                .formatted(file, 4 + 4 * d, size));
      }
      promised *= size;
    }
    long held = (long) bytes.length - headerBytes;
    if (held < promised) {
      throw new InvalidInputException(
          "%s, byte %d: ends too early; the header promises %d bytes of data, %d are there"
              .formatted(file, bytes.length, promised, held));
    }
    if (held > promised) {
      throw new InvalidInputException(
          "%s, byte %d: %d bytes follow the %d that the header promises"
              .formatted(file, headerBytes + promised, held - promised, promised));
    }
    return buffer;
  }
}
