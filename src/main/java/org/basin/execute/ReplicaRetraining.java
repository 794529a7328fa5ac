package org.basin.execute;

import java.util.Arrays;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.basin.landscape.Retraining;
import org.basin.model.NetworkState;
import org.basin.train.TrainingEngine;
import org.basin.train.TrainingLoop;
import org.basin.train.TrainingProgress;
import org.basin.train.TrainingSnapshot;
import org.basin.train.TrainingStatus;
import org.basin.train.TrainingTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Repeats the training of one replica on an engine. */
final class ReplicaRetraining implements Retraining {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicaRetraining.class);

  private final TrainingTask task;
  private final TrainingEngine engine;
  private final NetworkState trained;
  private final String name;

  /**
   * The training of a replica.
   *
   * @param trained what it led to, to tell when it leads elsewhere now
   * @param name of the replica, for messages
   */
  ReplicaRetraining(TrainingTask task, TrainingEngine engine, NetworkState trained, String name) {
    this.task = task;
    this.engine = engine;
    this.trained = trained;
    this.name = name;
  }

  @Override
  public long steps() {
    return task.options().epochs()
        * TrainingLoop.stepsPerEpoch(task.data().train().count(), task.options().batchSize());
  }

  @Override
  public void run(LongUnaryOperator next, Look look) throws InterruptedException {
    TrainingProgress looking =
        new TrainingProgress() {
          @Override
          public void stepsDone(long steps) {}

          @Override
          public long nextSnapshot(long step) {
            return next.applyAsLong(step);
          }

          @Override
          public void snapshot(TrainingTask of, TrainingSnapshot snapshot) {
            try {
              look.at(snapshot);
            } catch (InterruptedException interrupted) {
              Thread.currentThread().interrupt(); // ends the training
            }
          }
        };
    var outcome = engine.train(List.of(task), looking).getFirst();
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    boolean same = Arrays.equals(outcome.state().parameters(), trained.parameters());
    if (!same && outcome.status() != TrainingStatus.DIVERGED) {
      LOG.warn(
          "{}: training repeated on engine {} ends near the stored network, not at it: {}",
          name,
          engine.description().name(),
          "it was trained by another engine, version or machine");
    }
  }
}
