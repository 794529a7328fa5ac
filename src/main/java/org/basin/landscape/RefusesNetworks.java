package org.basin.landscape;

import org.basin.model.MlpSpec;
import org.basin.train.BatchNormPolicy;

/** Marks the options of a probe that cannot measure every network: what can be told beforehand. */
public interface RefusesNetworks {

  /**
   * Checks that the probe can measure such a network.
   *
   * @throws org.basin.InvalidInputException saying what it cannot measure and what is allowed
   */
  void requireMeasurable(MlpSpec spec, BatchNormPolicy batchNorm);
}
