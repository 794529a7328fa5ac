package org.basin.landscape;

import java.util.function.LongUnaryOperator;
import org.basin.train.TrainingSnapshot;

/**
 * The training of a network, repeated from its seed: engines are deterministic, so what is seen is
 * the way that led to the trained network.
 */
public interface Retraining {

  /** Root seed of the training. */
  long seed();

  /** Steps that the training takes when nothing ends it early. */
  long steps();

  /**
   * Repeats the training and looks on.
   *
   * @param next how many steps are done at the next look, at least its argument; as {@link
   *     org.basin.train.TrainingProgress#nextSnapshot}
   * @param look sees the network
   * @throws InterruptedException when the thread was interrupted
   */
  void run(LongUnaryOperator next, Look look) throws InterruptedException;

  /** Sees a network in training. */
  @FunctionalInterface
  interface Look {
    /** Sees it. */
    void at(TrainingSnapshot snapshot) throws InterruptedException;
  }
}
