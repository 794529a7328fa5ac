package org.basin.execute;

import java.util.Arrays;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.basin.landscape.Onlooker;
import org.basin.landscape.Retraining;
import org.basin.model.NetworkState;
import org.basin.train.TrainingEngine;
import org.basin.train.TrainingLoop;
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
  public long seed() {
    return task.seed();
  }

  @Override
  public long steps() {
    return TrainingLoop.schedule(task).totalSteps();
  }

  @Override
  public void run(LongUnaryOperator next, Look look) throws InterruptedException {
    var outcome = engine.train(List.of(task), new Onlooker(next, look)).getFirst();
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    boolean same = Arrays.equals(outcome.state().parameters(), trained.parameters());
    if (!same && outcome.status() != TrainingStatus.DIVERGED) {
      LOG.warn(
          "{}: training repeated on engine {} ends near the stored network, not at it: {}",
          name,
          engine.description().name(),
          "it was trained by another engine, version or machine, or beside others on a GPU");
    }
  }
}
