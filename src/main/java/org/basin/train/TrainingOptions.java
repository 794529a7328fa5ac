package org.basin.train;

import org.basin.Require;

/**
 * How a network is trained; every heuristic is a switch, and every switch is off by default.
 *
 * @param loss what is minimised
 * @param epochs passes over the training examples
 * @param batchSize examples a step; the last, shorter batch of an epoch is trained on too
 * @param evaluateEvery epochs between evaluations, each a row of {@code history.csv}; the first row
 *     is the network before training, the last the network after it
 * @param labelSmoothing ε in y(1-ε) + ε/K (Szegedy et al. 2016); reported losses stay unsmoothed
 * @param optimizer optimiser and its constants
 * @param schedule the learning rate's course
 * @param clipping clipping of the gradient
 * @param stopping when training ends early
 */
public record TrainingOptions(
    LossFunction loss,
    int epochs,
    BatchSize batchSize,
    int evaluateEvery,
    double labelSmoothing,
    OptimizerOptions optimizer,
    ScheduleOptions schedule,
    ClippingOptions clipping,
    StoppingOptions stopping) {
  /** A hundred epochs of plain SGD in batches of 128. */
  public static final TrainingOptions DEFAULTS =
      new TrainingOptions(
          LossFunction.CROSS_ENTROPY,
          100,
          new BatchSize(128),
          1,
          0.0,
          OptimizerOptions.DEFAULTS,
          ScheduleOptions.DEFAULTS,
          ClippingOptions.DEFAULTS,
          StoppingOptions.DEFAULTS);

  /** Checks ranges. */
  public TrainingOptions {
    Require.inRange("epochs", epochs, 1, 10_000_000);
    Require.inRange("evaluateEvery", evaluateEvery, 1, 10_000_000);
    Require.inHalfOpenRange("labelSmoothing", labelSmoothing, 0.0, 1.0);
  }
}
