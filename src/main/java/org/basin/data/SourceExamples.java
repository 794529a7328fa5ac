package org.basin.data;

import org.jspecify.annotations.Nullable;

/**
 * Examples as their source gives them, before any preparation.
 *
 * @param train the training examples, or all examples when {@code test} is null
 * @param test the source's own test examples; null when it brings none
 */
record SourceExamples(Examples train, @Nullable Examples test) {
  /** Bytes of the arrays. */
  long bytes() {
    return bytes(train) + (test == null ? 0 : bytes(test));
  }

  /** Bytes of the arrays of {@code examples}. */
  static long bytes(Examples examples) {
    return 4L * examples.inputs().length + 4L * examples.labels().length;
  }
}
