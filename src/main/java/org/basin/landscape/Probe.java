package org.basin.landscape;

import java.util.SplittableRandom;
import org.basin.measurement.Measurement;

/** A measurement of the landscape at a trained network. */
@FunctionalInterface
public interface Probe {

  /**
   * Measures.
   *
   * @param subject the network, its data and its objective; closed by the caller
   * @param random decides everything that is drawn
   * @throws InterruptedException when the thread was interrupted
   */
  Measurement measure(Subject subject, SplittableRandom random) throws InterruptedException;
}
