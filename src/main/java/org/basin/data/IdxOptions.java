package org.basin.data;

/**
 * The four files of an IDX dataset (LeCun's format; gzip or not).
 *
 * @param directory folder of the files; empty for {@code mnist} and {@code fashion-mnist} means
 *     where {@code basin data fetch} puts them
 * @param trainImages file name of the training images in {@code directory}
 * @param trainLabels file name of the training labels
 * @param testImages file name of the test images
 * @param testLabels file name of the test labels
 */
public record IdxOptions(
    String directory,
    String trainImages,
    String trainLabels,
    String testImages,
    String testLabels) {
  /** The names that MNIST, Fashion-MNIST and KMNIST are distributed under. */
  public static final IdxOptions DEFAULTS =
      new IdxOptions(
          "",
          "train-images-idx3-ubyte.gz",
          "train-labels-idx1-ubyte.gz",
          "t10k-images-idx3-ubyte.gz",
          "t10k-labels-idx1-ubyte.gz");
}
