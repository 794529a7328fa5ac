package org.basin.theory;

import org.basin.Require;

/**
 * What {@link SaddleEscape} runs.
 *
 * @param dimension d, of which one coordinate leads out
 * @param curvature a, of the way out and of all others
 * @param stepSize η
 * @param sigma σ, standard deviation of the gradient noise in a coordinate
 * @param batchSize B, terms in a mini-batch; a term's noise is σ√B, so that a batch's is σ
 * @param radius r: a run is out when its coordinate that leads out is beyond it
 * @param spread standard deviation of a coordinate of a random start
 * @param epsilon ε of perturbed gradient descent
 * @param delta δ of perturbed gradient descent
 * @param runs independent runs of each optimiser
 * @param stepLimit steps after which a run that is not out is censored
 * @param confidence of every interval
 */
public record SaddleEscapeOptions(
    int dimension,
    double curvature,
    double stepSize,
    double sigma,
    int batchSize,
    double radius,
    double spread,
    double epsilon,
    double delta,
    int runs,
    int stepLimit,
    double confidence) {
  /** Noise of a hundredth of the radius a step. */
  public static final SaddleEscapeOptions DEFAULTS =
      new SaddleEscapeOptions(10, 1, 0.1, 0.1, 4, 1, 1e-3, 0.1, 0.1, 2000, 2000, 0.999);

  /** Checks ranges. */
  public SaddleEscapeOptions {
    Require.inRange("dimension", dimension, 1, 10_000);
    Require.positive("curvature", curvature, 1e6);
    Require.positive("stepSize", stepSize, 1e6);
    Require.that(
        stepSize * curvature <= 1,
        "stepSize",
        "is " + stepSize + ", allowed: up to 1/curvature, " + 1 / curvature);
    Require.that(
        stepSize * curvature >= 1e-4,
        "stepSize",
        "is " + stepSize + ", allowed: from 0.0001/curvature, " + 1e-4 / curvature);
    Require.inRange("batchSize", batchSize, 1, 100_000);
    Require.positive("radius", radius, 1e6);
    Require.that(
        stepSize * sigma >= LinearEscape.LEAST_RELATIVE_NOISE * radius
            && stepSize * sigma <= radius,
        "sigma",
        "is %s, allowed: from %s to %s times radius/stepSize, %s"
            .formatted(sigma, LinearEscape.LEAST_RELATIVE_NOISE, 1, radius / stepSize));
    Require.positive("spread", spread, radius);
    Require.positive("epsilon", epsilon, 1e6);
    Require.inRange("delta", delta, 1e-12, 0.999);
    Require.inRange("runs", runs, 20, 1_000_000);
    Require.inRange("stepLimit", stepLimit, 10, 1_000_000);
    Require.inRange("confidence", confidence, 0.5, 0.999999);
  }
}
