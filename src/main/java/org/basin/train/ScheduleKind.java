package org.basin.train;

/** How the learning rate falls after warmup. */
public enum ScheduleKind {
  /** It does not. */
  CONSTANT,
  /** Half a cosine from the peak to the floor (Loshchilov and Hutter 2017, eq. 5, one cycle). */
  COSINE,
  /** Times {@code decayFactor} every {@code decaySteps} steps. */
  STEP,
  /** Times {@code decayFactor} over every {@code decaySteps} steps, smoothly. */
  EXPONENTIAL
}
