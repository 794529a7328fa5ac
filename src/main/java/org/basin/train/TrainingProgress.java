package org.basin.train;

/** Told how far a stack has come, and shown the networks on the way where it asks for them. */
@FunctionalInterface
public interface TrainingProgress {
  /** Nobody listens. */
  TrainingProgress NONE = steps -> {};

  /** {@code steps} more optimiser steps were done, summed over the replicas of the stack. */
  void stepsDone(long steps);

  /**
   * How many steps are done when a replica is to be seen next, at least {@code step}; never, by
   * default. Looking does not change what is trained.
   */
  default long nextSnapshot(long step) {
    return Long.MAX_VALUE;
  }

  /** Shows a replica, on the thread that trains it, which goes on when this returns. */
  default void snapshot(TrainingTask task, TrainingSnapshot snapshot) {}
}
