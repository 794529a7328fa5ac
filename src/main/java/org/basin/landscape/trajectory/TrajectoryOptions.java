package org.basin.landscape.trajectory;

import org.basin.Require;
import org.basin.landscape.RepeatsTraining;
import org.jspecify.annotations.Nullable;

/**
 * What {@link TrajectoryProbe} measures.
 *
 * @param every steps between two looks; null for about fifty looks over the whole training
 * @param denseStart whether the powers of two below {@code every} are looked at as well: much of
 *     what happens happens early
 * @param noiseBatches parts of the examples whose gradients tell the gradient noise
 */
public record TrajectoryOptions(@Nullable Integer every, boolean denseStart, int noiseBatches)
    implements RepeatsTraining {
  /** Fifty looks, evenly spaced; 32 parts, with which the noise is known to about a quarter. */
  public static final TrajectoryOptions DEFAULTS = new TrajectoryOptions(null, false, 32);

  private static final int LOOKS = 50;

  /** Checks ranges. */
  public TrajectoryOptions {
    if (every != null) {
      Require.inRange("every", every, 1, Integer.MAX_VALUE);
    }
    Require.inRange("noiseBatches", noiseBatches, 2, 10_000);
  }

  /** Steps between two looks at a training of {@code steps} steps. */
  long interval(long steps) {
    return every != null ? every : Math.max(1, Math.ceilDiv(steps, LOOKS));
  }

  /**
   * How many steps are done at the first look that is not before {@code step}: every so many from
   * 0, and at the end of a training of {@code steps} steps.
   */
  long next(long step, long steps) {
    long interval = interval(steps);
    long next = Math.ceilDiv(step, interval) * interval;
    if (denseStart && step > 0 && step < interval) {
      long power = Long.highestOneBit(step);
      next = Math.min(next, power == step ? power : 2 * power);
    }
    return step <= steps ? Math.min(next, steps) : next;
  }
}
