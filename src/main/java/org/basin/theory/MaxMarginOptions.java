package org.basin.theory;

import org.basin.Require;

/**
 * What {@link MaxMargin} runs.
 *
 * @param dimension d, and number of support vectors
 * @param others further examples, at two to four times the margin
 * @param margin γ
 * @param problems data sets, each drawn anew
 * @param steps of gradient descent
 * @param looksPerDecade of steps at which the way is looked at
 */
public record MaxMarginOptions(
    int dimension, int others, double margin, int problems, int steps, int looksPerDecade) {

  /** Three problems in five dimensions, a hundred thousand steps. */
  public static final MaxMarginOptions DEFAULTS = new MaxMarginOptions(5, 10, 0.5, 3, 100_000, 4);

  /** Checks ranges. */
  public MaxMarginOptions {
    Require.inRange("dimension", dimension, 2, 100);
    Require.inRange("others", others, 0, 10_000);
    Require.inRange("margin", margin, 0.1, 2.0);
    Require.inRange("problems", problems, 1, 1000);
    Require.inRange("steps", steps, 10_000, 100_000_000);
    Require.inRange("looksPerDecade", looksPerDecade, 1, 100);
  }
}
