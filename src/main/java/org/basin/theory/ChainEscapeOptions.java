package org.basin.theory;

import org.basin.Require;

/**
 * What {@link ChainEscape} runs.
 *
 * @param saddles d, length of the chain
 * @param attraction L of {@link SaddleChain}
 * @param repulsion γ of it
 * @param constant c of perturbed gradient descent; both optimisers step by c/ℓ
 * @param delta δ of perturbed gradient descent
 * @param runs independent runs of each optimiser
 * @param stepLimit steps after which a run is cut off
 * @param confidence of every interval
 */
public record ChainEscapeOptions(
    int saddles,
    double attraction,
    double repulsion,
    double constant,
    double delta,
    int runs,
    int stepLimit,
    double confidence) {
  /** Equal rates, by which the time doubles at every saddle. */
  public static final ChainEscapeOptions DEFAULTS =
      new ChainEscapeOptions(20, 1, 1, 1, 0.1, 50, 30_000, 0.999);

  /** Checks ranges. */
  public ChainEscapeOptions {
    Require.inRange("saddles", saddles, 8, 1000);
    Require.inRange("attraction", attraction, 0.01, 100.0);
    Require.inRange("repulsion", repulsion, 0.01, 100.0);
    Require.positive("constant", constant, 1);
    Require.inRange("delta", delta, 1e-12, 0.999);
    Require.inRange("runs", runs, 10, 100_000);
    Require.inRange("stepLimit", stepLimit, 100, 100_000_000);
    Require.inRange("confidence", confidence, 0.5, 0.999999);
  }
}
