package org.basin.landscape.saddle;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** What each scalar of the saddle probe is. */
final class SaddleDefinitions {
  static final SequencedMap<String, String> SCALARS = scalars();

  private SaddleDefinitions() {}

  private static SequencedMap<String, String> scalars() {
    SequencedMap<String, String> scalars = new LinkedHashMap<>();
    scalars.put(
        "smallestEigenvalue",
        "Most negative curvature λ at any of the critical points that were found");
    scalars.put(
        "meanIndexFraction",
        "Share of a critical point's curvatures that are negative (index / parameters), mean"
            + " over the searches that ended on one");
    scalars.put("searches", "Number of searches for critical points");
    scalars.put(
        "criticalSearches",
        "Searches that ended where the gradient is 0 as far as float32 can tell");
    scalars.put("criticalShare", "Searches that ended on a critical point / all searches");
    scalars.put(
        "gradientFlatSearches",
        "Searches that ended where the gradient is not 0 but the loss does not curve along it");
    scalars.put(
        "gradientFlatShare",
        "Searches that ended where the loss does not curve along the gradient / all searches");
    scalars.put("notReachedSearches", "Searches that ended on neither within their steps");
    scalars.put("notReachedShare", "Searches that ended on neither / all searches");
    scalars.put(
        "saddles", "Searches that ended on a saddle, a critical point with a curvature below 0");
    scalars.put(
        "minima",
        "Searches that ended on a critical point where float32 can show no curvature below 0");
    scalars.put("levels", "Number of different losses among the critical points");
    scalars.put("meanSaddleLoss", "Loss of the saddles, mean over the searches that ended on one");
    scalars.put("meanMinimumLoss", "Loss of the minima, mean over the searches that ended on one");
    scalars.put(
        "indexLossCorrelation",
        "Rank correlation of index and loss over different critical points; above 0, saddles"
            + " with more negative curvatures lie higher");
    scalars.put(
        "growthRate",
        "Growth of ln|u| in a step of gradient descent, with u the distance from the saddle"
            + " along its most negative curvature");
    scalars.put(
        "growthRatePredicted",
        "ln(1 + η|λ|), the growth of ln|u| in a step η if the loss were a quadratic of the"
            + " most negative curvature λ");
    scalars.put(
        "descentSteps",
        "Steps of gradient descent until it is further than r from the saddle along v, the"
            + " direction of the most negative curvature: mean over runs");
    scalars.put(
        "descentStepsPredicted",
        "ln(r/|u₀|) / ln(1 + η|λ|), those steps from the start u₀ if the loss were a"
            + " quadratic: mean over runs");
    scalars.put(
        "noiseAlong",
        "Standard deviation of single examples' gradients along v: the noise that pushes SGD"
            + " off the saddle");
    scalars.put(
        "noiseSteps",
        "Steps of SGD from the saddle itself until it is further than r along v: mean over"
            + " runs");
    scalars.put(
        "noiseStepsPredicted",
        "Those steps of SGD for noise of this size on a quadratic of the most negative"
            + " curvature");
    scalars.put(
        "noiseMeanSquareRatio",
        "Mean square of SGD's distance along v at the last compared step / what the recursion"
            + " m ← (1 + η|λ|)² m + η²σ² says; 1 is as predicted");
    scalars.put(
        "perturbedSteps",
        "Steps of perturbed gradient descent, which makes a small random step where the"
            + " gradient is small, to leave the saddle: mean over runs");
    scalars.put(
        "perturbedStepsPredicted",
        "Those steps of perturbed gradient descent from a random point of its small ball if"
            + " the loss were a quadratic");
    return scalars;
  }
}
