package org.basin.data;

import org.basin.InvalidInputException;

/**
 * How many examples go where.
 *
 * @param source what the examples are called in messages
 * @param pool examples for training and validation, once the test examples are split off
 * @param validation of them, for validation
 * @param train of the others, kept for training
 * @param test examples for testing
 */
record SplitSizes(String source, int pool, int validation, int train, int test) {
  /**
   * The sizes that {@code options} ask for.
   *
   * @param trainable training examples of the source, or all its examples
   * @param ownTest the source's own test examples; 0 when they are to be split off
   * @throws InvalidInputException when a part would be empty, or {@code n} is more than there are
   */
  static SplitSizes of(DataOptions options, int trainable, int ownTest) {
    String source = DatasetCatalog.name(options.source());
    int test = ownTest;
    int pool = trainable;
    if (ownTest == 0) {
      test = (int) Math.round(options.testFraction() * trainable);
      pool = trainable - test;
      requireSome(test, pool, "data.testFraction", options.testFraction(), source, "test");
    }
    int validation = (int) Math.round(options.validationFraction() * pool);
    int remaining = pool - validation;
    if (options.validationFraction() > 0) {
      requireSome(
          validation,
          remaining,
          "data.validationFraction",
          options.validationFraction(),
          source,
          "validation");
    }
    Integer n = options.n();
    if (n != null && n > remaining) {
      throw new InvalidInputException(
          "data.n is %d, but %s has %d training examples%s, allowed: 1 to %d, or null for all"
              .formatted(
                  n,
                  source,
                  remaining,
                  remaining == trainable ? "" : " after the splits",
                  remaining));
    }
    return new SplitSizes(source, pool, validation, n == null ? remaining : n, test);
  }

  private static void requireSome(
      int heldOut, int left, String key, double fraction, String source, String part) {
    if (heldOut < 1 || left < 1) {
      throw new InvalidInputException(
          "%s is %s, which of %d examples of %s makes %d for %s and %d for training, allowed: at"
                  .formatted(key, fraction, heldOut + left, source, heldOut, part, left)
              + " least 1 each");
    }
  }
}
