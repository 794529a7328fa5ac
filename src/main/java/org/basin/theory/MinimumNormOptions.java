package org.basin.theory;

import java.util.List;
import org.basin.Require;

/**
 * What {@link MinimumNorm} runs.
 *
 * @param examples n
 * @param features p of the linear models, ascending; none within 5 of n, where the variance of the
 *     risk grows without bound
 * @param signal r², the squared norm of the true coefficients
 * @param noise σ², the variance of the labels' noise
 * @param draws of data for each p
 * @param inputs dimension of the inputs of the random-feature models, n/8 or more; below n/4 their
 *     features are so nearly dependent that descent may not arrive, which leaves it undecided
 * @param randomFeatures N of those models, ascending, n among them
 * @param start norm of the starting points that are not zero
 * @param confidence of every interval
 */
public record MinimumNormOptions(
    int examples,
    List<Integer> features,
    double signal,
    double noise,
    int draws,
    int inputs,
    List<Integer> randomFeatures,
    double start,
    double confidence) {

  /** Forty examples, a tenth of as many features to ten times as many. */
  public static final MinimumNormOptions DEFAULTS =
      new MinimumNormOptions(
          40,
          List.of(4, 10, 20, 28, 33, 50, 60, 80, 160, 400),
          1,
          0.25,
          150,
          20,
          List.of(5, 10, 20, 30, 40, 60, 100, 200, 400),
          1,
          0.999);

  private static final int GUARD = 5;

  /** On a plane all ReLU features whose kinks no example parts span two dimensions. */
  private static final int FEWEST_INPUTS = 3;

  private static final int MOST_EXAMPLES_AN_INPUT = 8;

  /** Checks ranges. */
  public MinimumNormOptions {
    features = List.copyOf(features);
    randomFeatures = List.copyOf(randomFeatures);
    Require.inRange("examples", examples, 10, 1000);
    Require.ascending("features", features, 3, 10_000);
    for (int count : features) {
      Require.that(
          Math.abs(count - examples) > GUARD,
          "features",
          "is " + features + ", allowed: none within " + GUARD + " of the examples, " + examples);
    }
    Require.that(
        features.getLast() > examples,
        "features",
        "is " + features + ", allowed: one above the examples, " + examples);
    Require.inRange("signal", signal, 0.0, 1e6);
    Require.positive("noise", noise, 1e6);
    Require.inRange("draws", draws, 10, 100_000);
    Require.inRange("inputs", inputs, FEWEST_INPUTS, 1000);
    Require.that(
        MOST_EXAMPLES_AN_INPUT * inputs >= examples,
        "inputs",
        "is %d, allowed: an eighth of the examples, %d, or more; features of fewer inputs depend on"
                .formatted(inputs, examples)
            + " each other");
    Require.ascending("randomFeatures", randomFeatures, 3, 10_000);
    Require.that(
        randomFeatures.contains(examples)
            && randomFeatures.getFirst() < examples
            && randomFeatures.getLast() > examples,
        "randomFeatures",
        "is "
            + randomFeatures
            + ", allowed: numbers below and above the examples, and their number, "
            + examples);
    Require.positive("start", start, 1e6);
    Require.inRange("confidence", confidence, 0.5, 0.999999);
  }
}
