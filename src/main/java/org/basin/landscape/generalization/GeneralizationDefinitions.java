package org.basin.landscape.generalization;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** What each scalar of the generalization probe is. */
final class GeneralizationDefinitions {
  static final SequencedMap<String, String> SCALARS = scalars();

  private GeneralizationDefinitions() {}

  private static SequencedMap<String, String> scalars() {
    SequencedMap<String, String> scalars = new LinkedHashMap<>();
    scalars.put("errorGap", "Test error − training error, shares of misclassified examples");
    scalars.put("lossGap", "Test loss − training loss");
    scalars.put("frobeniusNorm", "√Σ ‖W‖² over the layers, the length of all weights together");
    scalars.put(
        "frobeniusProduct",
        "Π ‖W‖, the product of the layers' norms, each the root of the sum of its squared"
            + " weights");
    scalars.put(
        "spectralProduct",
        "Π ‖W‖₂, the product of the layers' spectral norms, each the most that a layer's"
            + " weights can stretch a vector");
    scalars.put(
        "stableRankSum",
        "Σ ‖W‖² / ‖W‖₂² over the layers: about how many directions each layer's weights use");
    scalars.put(
        "pathNorm",
        "√Σ Π w², over all paths from an input to an output the product of their squared"
            + " weights");
    scalars.put(
        "distanceFromStart",
        "√Σ ‖W − W⁰‖² over the layers, how far the weights are from those before training");
    scalars.put(
        "spectralDistanceFromStart",
        "√Σ ‖W − W⁰‖₂² over the layers, the same distance in spectral norms, the most that"
            + " each change can stretch a vector");
    scalars.put(
        "relativeDistanceFromStart",
        "Σ ‖W − W⁰‖² / ‖W‖₂² over the layers, how far each moved relative to its spectral"
            + " norm");
    scalars.put(
        "spectralComplexity",
        "R of Bartlett et al. 2017: the product of the layers' spectral norms times a sum of"
            + " how far each layer moved relative to its own");
    scalars.put(
        "margin",
        "10th percentile over training examples of the margin, how far the right class's"
            + " output is ahead of the next one's");
    scalars.put(
        "marginMedian",
        "Median over training examples of the margin, how far the right class's output is"
            + " ahead of the next one's");
    scalars.put(
        "marginMinimum", "Smallest margin of a training example; below 0 it is misclassified");
    scalars.put(
        "spectralMargin",
        "Margin (10th percentile) / most that the network can stretch a change of its input,"
            + " ρᴸ⁻¹ Π ‖W‖₂ for L layers and activations of slope up to ρ");
    scalars.put("pathMargin", "Margin (10th percentile) / path norm");
    scalars.put(
        "complexityMargin",
        "Margin (10th percentile) · n / (R ‖X‖) for n examples X, with R the spectral"
            + " complexity");
    scalars.put(
        "noiseSize",
        "σ*, the size of Gaussian noise on every parameter at which the training error has"
            + " risen by the given amount; a flat minimum bears more");
    scalars.put(
        "magnitudeNoiseSize",
        "σ*, the size of Gaussian noise in proportion to each parameter at which the training"
            + " error has risen by the given amount");
    scalars.put(
        "boundComplexity",
        "(KL(Q ‖ P) + ln(2√n / δ)) / n, what the PAC-Bayes bound charges for how far the"
            + " noisy network Q is from the noisy start P");
    scalars.put(
        "pacBayesBound",
        "Most that the error on new examples can be, with high probability, for the network"
            + " with noise of the noise size; vacuous where it is above the error of guessing");
    return scalars;
  }
}
