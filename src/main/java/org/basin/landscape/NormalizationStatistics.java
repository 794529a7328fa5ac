package org.basin.landscape;

import org.basin.train.BatchNormPolicy;

/** Which statistics batch normalisation uses in a measurement. */
public enum NormalizationStatistics {
  /** The running statistics that training left, as constants: what the network does in use. */
  FROZEN,
  /**
   * Mean and biased variance over the measured examples at the measured network, then constants:
   * running statistics lag behind the parameters.
   */
  RECALIBRATED,
  /**
   * Mean and biased variance over the measured examples at every parameter vector, differentiated
   * through, as a training step of one full batch does.
   */
  BATCH;

  /** How the objective of an engine treats them. */
  public BatchNormPolicy policy() {
    return this == BATCH ? BatchNormPolicy.BATCH : BatchNormPolicy.FROZEN;
  }
}
