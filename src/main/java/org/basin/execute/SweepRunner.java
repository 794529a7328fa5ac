package org.basin.execute;

import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.basin.InvalidInputException;
import org.basin.config.CanonicalForm;
import org.basin.config.ReplicaConfig;
import org.basin.data.Split;
import org.basin.execute.SweepProgress.Ending;
import org.basin.model.MlpSpec;
import org.basin.plan.Plan;
import org.basin.plan.Point;
import org.basin.plan.Replica;
import org.basin.store.Claim;
import org.basin.store.ReplicaFolder;
import org.basin.store.ReplicaResult;
import org.basin.store.RunFolder;
import org.basin.train.EngineDescription;
import org.basin.train.TrainingEngine;
import org.basin.train.TrainingOutcome;
import org.basin.train.TrainingStatus;
import org.basin.train.TrainingTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains what is missing of a sweep on local workers, one stack a worker at a time, the costliest
 * first, so that no long replica is left for the end.
 *
 * <p>A replica that fails is logged and the rest goes on; storage that cannot be written ends the
 * sweep, since nothing after it could be kept, and so do data that cannot be read. {@link #stop}
 * leaves the sweep so that another run goes on where this one stopped.
 */
public final class SweepRunner {
  private static final Logger LOG = LoggerFactory.getLogger(SweepRunner.class);

  private final Plan plan;
  private final TrainingEngine engine;
  private final SplitSource data;
  private final RunFolder run;
  private final SweepProgress progress;
  private final Workers workers = new Workers();
  private final Queue<Replica> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicReference<InvalidInputException> abortion = new AtomicReference<>();

  /** A runner that trains the replicas of {@code plan} on {@code engine} into {@code run}. */
  public SweepRunner(
      Plan plan, TrainingEngine engine, SplitSource data, RunFolder run, SweepProgress progress) {
    this.plan = plan;
    this.engine = engine;
    this.data = data;
    this.run = run;
    this.progress = progress;
  }

  /**
   * Trains {@code replicas} and returns when all are done, or when the sweep was stopped.
   *
   * @param replicas what to train
   * @param workerCount how many at once
   * @throws InvalidInputException when the run folder cannot be written or data not be read
   */
  public void run(List<Replica> replicas, int workerCount) {
    replicas.stream()
        .sorted(Comparator.comparingDouble(replica -> -cost(replica)))
        .forEach(waiting::add);
    workers.run("worker", Math.min(workerCount, replicas.size()), this::work);
    InvalidInputException failure = abortion.get();
    if (failure != null) {
      throw failure;
    }
  }

  /** Whether {@link #stop} was called. */
  public boolean stopped() {
    return workers.stopped();
  }

  /** Interrupts the workers, upon which {@link #run} returns soon. */
  public void stop() {
    workers.stop();
  }

  private double cost(Replica replica) {
    return plan.cost(replica.point()).multiplyAdds();
  }

  private void work() {
    while (!workers.stopped()) {
      Replica replica = waiting.poll();
      if (replica == null) {
        return;
      }
      work(replica);
    }
  }

  private void work(Replica replica) {
    long planned = plan.cost(replica.point()).steps();
    ReplicaFolder folder = run.replica(replica.folder());
    try (Claim claim = folder.claim()) {
      if (claim == null || isDone(replica, folder)) {
        progress.ended(replica, Ending.ELSEWHERE, planned);
        return;
      }
      folder.clear();
      progress.started(replica);
      TrainingOutcome outcome = train(replica, folder);
      boolean diverged = outcome.status() == TrainingStatus.DIVERGED;
      progress.ended(replica, diverged ? Ending.DIVERGED : Ending.DONE, planned - outcome.steps());
    } catch (InterruptedException interrupted) {
      progress.ended(replica, Ending.STOPPED, planned);
    } catch (InvalidInputException refusal) {
      if (workers.stopped()) {
        // An interrupted thread can neither read nor write files.
        progress.ended(replica, Ending.STOPPED, planned);
        return;
      }
      abortion.compareAndSet(null, refusal);
      progress.ended(replica, Ending.FAILED, planned);
      stop();
    } catch (RuntimeException | Error failure) {
      LOG.error("{} failed: {}", replica.folder(), failure.toString(), failure);
      progress.ended(replica, Ending.FAILED, planned);
    }
  }

  /** Whether another process has trained the replica since this sweep began. */
  private boolean isDone(Replica replica, ReplicaFolder folder) {
    return folder.hasResult() && !SweepState.of(List.of(replica), run, data).done().isEmpty();
  }

  private TrainingOutcome train(Replica replica, ReplicaFolder folder) throws InterruptedException {
    ReplicaConfig config = replica.point().config();
    Split split = data.load(config.data(), replica.seed());
    MlpSpec spec = config.model().toSpec(split.train().features(), split.train().classes());
    TrainingTask task = new TrainingTask(spec, config.training(), split, replica.seed());
    TrainingOutcome outcome = engine.train(List.of(task), progress::stepsDone).get(0);
    folder.write(
        spec,
        config.training().loss(),
        config.training().optimizer().learningRate(),
        outcome.state(),
        outcome.history(),
        result(replica, task, outcome));
    return outcome;
  }

  private ReplicaResult result(Replica replica, TrainingTask task, TrainingOutcome outcome) {
    Point point = replica.point();
    EngineDescription description = engine.description();
    return new ReplicaResult(
        ReplicaResult.SCHEMA_VERSION,
        outcome.status().fileName(),
        point.name(),
        replica.seed(),
        task.spec().parameterCount(),
        task.spec().width(),
        outcome.steps(),
        outcome.epochs(),
        task.data().train().count(),
        task.spec().outputs(),
        outcome.finalRow().trainLoss(),
        outcome.finalRow().trainError(),
        outcome.trainObjective(),
        outcome.finalRow().validationLoss(),
        outcome.finalRow().validationError(),
        outcome.finalRow().testLoss(),
        outcome.finalRow().testError(),
        outcome.seconds(),
        description.name(),
        description.device(),
        description.precision(),
        CanonicalForm.resolved(point.config()),
        point.configHash(),
        task.data().hash());
  }
}
