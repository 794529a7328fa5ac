package org.basin.landscape;

import java.util.function.LongUnaryOperator;
import org.basin.train.TrainingProgress;
import org.basin.train.TrainingSnapshot;
import org.basin.train.TrainingTask;

/**
 * Looks on at a training for a {@link Retraining}; a look that is interrupted ends the training.
 *
 * @param next how many steps are done at the next look, at least its argument
 * @param look sees the network
 */
public record Onlooker(LongUnaryOperator next, Retraining.Look look) implements TrainingProgress {
  @Override
  public void stepsDone(long steps) {}

  @Override
  public long nextSnapshot(long step) {
    return next.applyAsLong(step);
  }

  @Override
  public void snapshot(TrainingTask task, TrainingSnapshot snapshot) {
    try {
      look.at(snapshot);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
