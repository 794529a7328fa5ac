package org.basin.train;

import org.basin.Require;
import org.jspecify.annotations.Nullable;

/**
 * The learning rate's course over steps, counted from 0.
 *
 * @param name decay after warmup
 * @param warmupSteps steps of linear warmup; 0 for none (Goyal et al. 2017)
 * @param warmupFrom learning rate at step 0 of the warmup
 * @param decaySteps cosine: steps from the end of warmup to the floor, null for up to the last
 *     step; step and exponential: steps a factor, which they need
 * @param decayFactor factor of step and exponential decay, above 0, up to 1
 * @param floor lowest learning rate of the cosine, which it keeps once it is there
 */
public record ScheduleOptions(
    ScheduleKind name,
    int warmupSteps,
    double warmupFrom,
    @Nullable Integer decaySteps,
    double decayFactor,
    double floor) {
  /** Constant, no warmup. */
  public static final ScheduleOptions DEFAULTS =
      new ScheduleOptions(ScheduleKind.CONSTANT, 0, 0.0, null, 0.1, 0.0);

  /** Checks ranges. */
  public ScheduleOptions {
    Require.inRange("warmupSteps", warmupSteps, 0, Integer.MAX_VALUE);
    Require.inRange("warmupFrom", warmupFrom, 0.0, 1e6);
    Require.that(
        decaySteps == null || decaySteps >= 1,
        "decaySteps",
        "is " + decaySteps + ", allowed: 1 or more, or null");
    Require.that(
        decaySteps != null || name == ScheduleKind.CONSTANT || name == ScheduleKind.COSINE,
        "decaySteps",
        "is missing; step and exponential decay need it (steps a factor)");
    Require.positive("decayFactor", decayFactor, 1.0);
    Require.inRange("floor", floor, 0.0, 1e6);
  }
}
