package org.basin.data;

/** Where examples come from; the constants are the names allowed for {@code data.source}. */
public enum DataSource {
  /** MNIST-1D, generated (Greydanus and Kobak 2020). */
  MNIST1D,
  /** UCI optical recognition of handwritten digits, 1,797 x 64, in {@code datasets/}. */
  DIGITS,
  /** UCI iris, 150 x 4, in {@code datasets/}. */
  IRIS,
  /** UCI wine, 178 x 13, in {@code datasets/}. */
  WINE,
  /** UCI breast cancer Wisconsin (diagnostic), 569 x 30, in {@code datasets/}. */
  BREAST_CANCER,
  /** MNIST as fetched by {@code basin data fetch mnist}. */
  MNIST,
  /** Fashion-MNIST as fetched by {@code basin data fetch fashion-mnist}. */
  FASHION_MNIST,
  /** CSV or CSV.gz files by path. */
  CSV,
  /** IDX or IDX.gz files by path (the format of MNIST, Fashion-MNIST and KMNIST). */
  IDX,
  /** Two interleaved spirals in the plane, generated. */
  TWO_SPIRALS,
  /** A mixture of Gaussians, one a class, generated. */
  GAUSSIAN_MIXTURE,
  /** Gaussian inputs labelled by a random teacher network, generated. */
  TEACHER_STUDENT,
  /** Gaussian inputs with labels that say nothing about them, generated. */
  RANDOM_LABELS
}
