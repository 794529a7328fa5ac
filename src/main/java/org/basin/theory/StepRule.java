package org.basin.theory;

/** One run of an optimiser; it may remember things from step to step. */
@FunctionalInterface
public interface StepRule {

  /**
   * Moves x by one step.
   *
   * @param x {@code [d]}, changed
   * @return false when the optimiser has stopped, for good
   */
  boolean step(double[] x);
}
