package org.basin.train;

import org.basin.InvalidSettingException;

/**
 * Examples a step: a number, or {@code full} for all training examples.
 *
 * @param examples examples a step; {@link #FULL_EXAMPLES} stands for all of them
 */
public record BatchSize(int examples) {
  private static final int FULL_EXAMPLES = Integer.MAX_VALUE;

  /** All training examples: gradient descent. */
  public static final BatchSize FULL = new BatchSize(FULL_EXAMPLES);

  /** Checks the range. */
  public BatchSize {
    if (examples < 1) {
      throw new InvalidSettingException(
          "batchSize", "is " + examples + ", allowed: 1 or more, or full");
    }
  }

  /** Reads {@code full} or a whole number. */
  public static BatchSize parse(String text) {
    if (text.equals("full")) {
      return FULL;
    }
    try {
      return new BatchSize(Integer.parseInt(text));
    } catch (NumberFormatException notWhole) {
      throw new InvalidSettingException(
          "batchSize", "is '" + text + "', allowed: a whole number from 1, or full");
    }
  }

  /** Examples a step when there are {@code trainingExamples} of them. */
  public int resolve(int trainingExamples) {
    return Math.min(examples, trainingExamples);
  }

  /** Whether this is {@code full}. */
  public boolean isFull() {
    return examples == FULL_EXAMPLES;
  }

  @Override
  public String toString() {
    return isFull() ? "full" : Integer.toString(examples);
  }
}
