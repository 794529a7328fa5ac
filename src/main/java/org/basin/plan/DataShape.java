package org.basin.plan;

import org.basin.Require;

/**
 * What a plan needs to know of a dataset.
 *
 * @param features values an example
 * @param classes number of classes K
 * @param trainExamples number of training examples n, after splits and subsampling
 */
public record DataShape(int features, int classes, int trainExamples) {
  /** Checks that there is something to train on. */
  public DataShape {
    Require.inRange("features", features, 1, Integer.MAX_VALUE);
    Require.inRange("classes", classes, 1, Integer.MAX_VALUE);
    Require.inRange("trainExamples", trainExamples, 1, Integer.MAX_VALUE);
  }
}
