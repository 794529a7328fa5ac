package org.basin.train;

import java.util.List;

/** Trains stacks of replicas. Implementations are safe to call from several threads. */
public interface TrainingEngine extends AutoCloseable {

  /** What this engine is and runs on. */
  EngineDescription description();

  /** Most replicas of one shape that a call should bring. */
  int stackSize();

  /**
   * Most calls of {@link #train} at once that make a sweep faster, however many workers there are;
   * no limit where an engine does not state one.
   */
  default int stacksAtOnce() {
    return Integer.MAX_VALUE;
  }

  /** Devices that each train a stack of their own: a sweep should bring as many, if it can. */
  default int devices() {
    return 1;
  }

  /**
   * Trains the replicas of one stack: all of one {@link StackShape}.
   *
   * @param stack the replicas, at most {@link #stackSize()}
   * @param progress told of the steps done, every few hundred of them
   * @return one outcome a replica, in the order of {@code stack}
   * @throws InterruptedException when the thread was interrupted; nothing of the stack is kept
   */
  List<TrainingOutcome> train(List<TrainingTask> stack, TrainingProgress progress)
      throws InterruptedException;

  @Override
  void close();
}
