package org.basin.execute;

import org.basin.plan.Replica;

/** Told how far a sweep has come; called from several threads. */
public interface SweepProgress {
  /** A replica begins to train. */
  void started(Replica replica);

  /** {@code steps} more optimiser steps were done. */
  void stepsDone(long steps);

  /**
   * A replica is no longer in work.
   *
   * @param replica which one
   * @param ending how it ended
   * @param stepsSkipped steps of the plan that will not be done, since it ended early
   */
  void ended(Replica replica, Ending ending, long stepsSkipped);

  /** How work on a replica ended. */
  enum Ending {
    /** Trained, its result written. */
    DONE,
    /** Trained until it diverged, its result written. */
    DIVERGED,
    /** Could not be trained; the log says why. */
    FAILED,
    /** Another process trains it, or has trained it meanwhile. */
    ELSEWHERE,
    /** Given up because the sweep was stopped. */
    STOPPED
  }
}
