package org.basin.train;

/** Told how far a stack has come. */
@FunctionalInterface
public interface TrainingProgress {
  /** Nobody listens. */
  TrainingProgress NONE = steps -> {};

  /** {@code steps} more optimiser steps were done, summed over the replicas of the stack. */
  void stepsDone(long steps);
}
