package org.basin.data;

import org.basin.Require;
import org.jspecify.annotations.Nullable;

/**
 * Which data, how much of it, and how it is prepared.
 *
 * <p>Order of preparation: load or generate; split off test examples where the source brings none;
 * split off validation examples; subsample the training examples to {@code n}; corrupt their
 * labels; standardise all three with the training examples' mean and deviation.
 *
 * @param source where the examples come from
 * @param n training examples to keep, drawn without replacement; null keeps all
 * @param testFraction share of the examples split off for testing when the source has no test set
 *     of its own, above 0 and below 1
 * @param validationFraction share of the training examples held out for validation, 0 to below 1
 * @param standardize subtract each feature's training mean and divide by its training standard
 *     deviation (features that do not vary are only centred)
 * @param seed of generators, splits and subsampling: the same for all replicas of a point
 * @param labelNoise corruption of training labels
 * @param csv where {@code csv} reads
 * @param idx where {@code idx}, {@code mnist} and {@code fashion-mnist} read
 * @param mnist1d what {@code mnist1d} generates
 * @param generator what {@code two-spirals}, {@code gaussian-mixture}, {@code teacher-student} and
 *     {@code random-labels} generate
 */
public record DataOptions(
    DataSource source,
    @Nullable Integer n,
    double testFraction,
    double validationFraction,
    boolean standardize,
    long seed,
    LabelNoiseOptions labelNoise,
    CsvOptions csv,
    IdxOptions idx,
    Mnist1dOptions mnist1d,
    GeneratorOptions generator) {

  /** MNIST-1D, all of it, clean. */
  public static final DataOptions DEFAULTS =
      new DataOptions(
          DataSource.MNIST1D,
          null,
          0.2,
          0.0,
          true,
          0,
          LabelNoiseOptions.DEFAULTS,
          CsvOptions.DEFAULTS,
          IdxOptions.DEFAULTS,
          Mnist1dOptions.DEFAULTS,
          GeneratorOptions.DEFAULTS);

  /** Checks ranges. */
  public DataOptions {
    Require.that(n == null || n >= 1, "n", "is " + n + ", allowed: 1 or more, or null for all");
    Require.that(
        testFraction > 0 && testFraction < 1,
        "testFraction",
        "is " + testFraction + ", allowed: a number above 0 and below 1");
    Require.inHalfOpenRange("validationFraction", validationFraction, 0.0, 1.0);
  }

  /** The same data without label noise, standardised or not. */
  public DataOptions clean(boolean standardized) {
    return new DataOptions(
        source,
        n,
        testFraction,
        validationFraction,
        standardized,
        seed,
        LabelNoiseOptions.DEFAULTS,
        csv,
        idx,
        mnist1d,
        generator);
  }
}
