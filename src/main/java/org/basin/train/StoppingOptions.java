package org.basin.train;

import org.basin.Require;
import org.jspecify.annotations.Nullable;

/**
 * When training ends before its last epoch; null switches one off.
 *
 * @param patience early stopping: evaluations without improvement of the validation loss after
 *     which training stops and the best parameters are restored (Prechelt 1998); needs a validation
 *     set
 * @param minImprovement least decrease of the validation loss that counts as an improvement
 * @param trainLoss stop once the training loss (plain, all training examples) is at or below this:
 *     "train to interpolation"
 * @param divergenceLoss a training loss above this, or one that is not a number, ends the replica
 *     as diverged
 */
public record StoppingOptions(
    @Nullable Integer patience,
    double minImprovement,
    @Nullable Double trainLoss,
    double divergenceLoss) {
  /** Train to the last epoch. */
  public static final StoppingOptions DEFAULTS = new StoppingOptions(null, 0.0, null, 1e4);

  /** Checks ranges. */
  public StoppingOptions {
    Require.that(
        patience == null || patience >= 1,
        "patience",
        "is " + patience + ", allowed: 1 or more evaluations, or null");
    Require.inRange("minImprovement", minImprovement, 0.0, Double.MAX_VALUE);
    Require.that(
        trainLoss == null || trainLoss >= 0,
        "trainLoss",
        "is " + trainLoss + ", allowed: 0 or more, or null");
    Require.positive("divergenceLoss", divergenceLoss, Double.MAX_VALUE);
  }
}
