package org.basin.landscape;

import org.basin.InvalidInputException;
import org.basin.Require;
import org.jspecify.annotations.Nullable;

/**
 * What every probe lets one choose beside its own options.
 *
 * @param objective which function of the parameters is measured
 * @param batchNorm statistics of batch normalisation; means nothing to a network without it.
 *     Between networks ({@link BetweenNetworks}) they are recalibrated unless something is said
 * @param examples size of the random part of the training examples that is measured on; null for
 *     all of them
 * @param subsamples number of disjoint parts of that size, of which the mean is reported and the
 *     spread is the data's share of the standard error; means nothing without {@code examples}
 * @param everySteps steps of training between two measurements, the training being repeated from
 *     its seed; null to measure the trained network only
 * @param seed of everything that is drawn, together with the replica's
 */
public record ProbeConditions(
    MeasuredObjective objective,
    NormalizationStatistics batchNorm,
    @Nullable Integer examples,
    int subsamples,
    @Nullable Integer everySteps,
    long seed) {
  /** What was trained, on all training examples, after training. */
  public static final ProbeConditions DEFAULTS =
      new ProbeConditions(
          MeasuredObjective.TRAINED, NormalizationStatistics.FROZEN, null, 4, null, 1);

  /** Checks ranges. */
  public ProbeConditions {
    if (examples != null) {
      Require.inRange("examples", examples, 1, Integer.MAX_VALUE);
    }
    Require.inRange("subsamples", subsamples, 2, 1000);
    if (everySteps != null) {
      Require.inRange("everySteps", everySteps, 1, Integer.MAX_VALUE);
    }
  }

  /**
   * Checks that the training examples are enough.
   *
   * @throws InvalidInputException naming how many are needed and there
   */
  public void requireWithin(int trainingExamples) {
    if (examples != null && (long) examples * subsamples > trainingExamples) {
      throw new InvalidInputException(
          "examples %d in %d disjoint subsamples need %d training examples, there are %d"
                  .formatted(examples, subsamples, (long) examples * subsamples, trainingExamples)
              + "; allowed: fewer of either, or no examples for all of them");
    }
  }
}
