package org.basin.data;

import org.basin.Require;

/**
 * Sizes and difficulty of the generated datasets.
 *
 * @param samples training examples generated
 * @param testSamples test examples generated, from the same distribution
 * @param features dimension of an input; {@code two-spirals} always has 2
 * @param classes number of classes; {@code two-spirals} always has 2
 * @param noise two-spirals: standard deviation added to each coordinate (the spirals reach radius
 *     1); gaussian-mixture: standard deviation around the class means, which are drawn from N(0,
 *     I); the others ignore it
 * @param turns two-spirals: full turns of each arm
 * @param teacherWidth teacher-student: hidden width of the one-hidden-layer ReLU teacher
 */
public record GeneratorOptions(
    int samples,
    int testSamples,
    int features,
    int classes,
    double noise,
    double turns,
    int teacherWidth) {
  /** A thousand examples of ten features and two classes. */
  public static final GeneratorOptions DEFAULTS =
      new GeneratorOptions(1000, 1000, 10, 2, 0.05, 1.75, 8);

  /** Checks ranges. */
  public GeneratorOptions {
    Require.inRange("samples", samples, 2, 10_000_000);
    Require.inRange("testSamples", testSamples, 1, 10_000_000);
    Require.inRange("features", features, 1, 100_000);
    Require.inRange("classes", classes, 2, 10_000);
    Require.inRange("noise", noise, 0.0, 1000.0);
    Require.positive("turns", turns, 100.0);
    Require.inRange("teacherWidth", teacherWidth, 1, 100_000);
  }
}
