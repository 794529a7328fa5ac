package org.basin.train;

/** Which statistics batch normalisation uses in an {@link Objective}. */
public enum BatchNormPolicy {
  /** The running statistics of a trained network: constants, so that examples stay independent. */
  FROZEN,
  /**
   * Mean and biased variance of all the objective's examples taken as one batch, differentiated
   * through, as a training step of one full batch does.
   */
  BATCH
}
