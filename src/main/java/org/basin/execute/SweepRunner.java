package org.basin.execute;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.basin.InvalidInputException;
import org.basin.config.CanonicalForm;
import org.basin.execute.SweepProgress.Ending;
import org.basin.plan.Plan;
import org.basin.plan.Point;
import org.basin.plan.Replica;
import org.basin.plan.Stack;
import org.basin.store.ReplicaFolder;
import org.basin.store.ReplicaResult;
import org.basin.store.RunFolder;
import org.basin.train.EngineDescription;
import org.basin.train.EngineLostException;
import org.basin.train.StackShape;
import org.basin.train.TrainingEngine;
import org.basin.train.TrainingOutcome;
import org.basin.train.TrainingStatus;
import org.basin.train.TrainingTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains what is missing of a sweep on local workers, one stack a worker at a time, the costliest
 * first, so that no long one is left for the end.
 *
 * <p>A stack that fails is logged and the rest goes on. Storage that cannot be written ends the
 * sweep, since nothing after it could be kept, and so do data that cannot be read and an engine
 * that is lost. {@link #stop} leaves the sweep so that another run goes on where this one stopped.
 */
public final class SweepRunner {
  private static final Logger LOG = LoggerFactory.getLogger(SweepRunner.class);

  private final Plan plan;
  private final TrainingEngine engine;
  private final SplitSource data;
  private final RunFolder run;
  private final SweepProgress progress;
  private final Workers workers = new Workers();
  private final Queue<Stack> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicReference<RuntimeException> abortion = new AtomicReference<>();

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
   * @param workerCount how many stacks at once, if the engine has use for so many
   * @throws InvalidInputException when the run folder cannot be written or data not be read
   * @throws EngineLostException when the engine's device is gone
   */
  public void run(List<Replica> replicas, int workerCount) {
    List<Stack> stacks = Stack.pack(plan, replicas, engine.stackSize(), engine.devices());
    waiting.addAll(stacks);
    int useful = Math.min(engine.stacksAtOnce(), stacks.size());
    workers.run("worker", Math.min(workerCount, useful), this::work);
    RuntimeException failure = abortion.get();
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

  private void work() {
    for (Stack next = waiting.poll(); next != null && !workers.stopped(); next = waiting.poll()) {
      work(next);
    }
  }

  private void work(Stack stack) {
    ReplicasAtWork atWork = new ReplicasAtWork(stack, plan, run, progress);
    SequencedMap<StackShape, SequencedMap<Replica, TrainingTask>> loaded = new LinkedHashMap<>();
    guarded(
        atWork,
        stack.replicas(),
        () -> {
          stack.replicas().forEach(replica -> claim(atWork, replica));
          for (Replica replica : atWork.replicas()) {
            TrainingTask task = TrainedReplica.task(replica, data);
            loaded
                .computeIfAbsent(StackShape.of(task), shape -> new LinkedHashMap<>())
                .put(replica, task);
          }
        });
    // More than one shape where data are not of the size that the plan was made for.
    for (SequencedMap<Replica, TrainingTask> tasks : loaded.values()) {
      tasks.keySet().retainAll(atWork.replicas()); // none when loading failed
      if (!tasks.isEmpty()) {
        guarded(atWork, tasks.keySet(), () -> train(atWork, tasks));
      }
    }
  }

  private void claim(ReplicasAtWork atWork, Replica replica) {
    ReplicaFolder folder = run.replica(replica.folder());
    if (!atWork.claim(replica) || isDone(replica, folder)) {
      atWork.end(replica, Ending.ELSEWHERE, 0);
      return;
    }
    folder.clear();
    progress.started(replica);
  }

  /** Whether another process has trained the replica since this sweep began. */
  private boolean isDone(Replica replica, ReplicaFolder folder) {
    return folder.hasResult() && !SweepState.of(List.of(replica), run, data).done().isEmpty();
  }

  private void train(ReplicasAtWork atWork, SequencedMap<Replica, TrainingTask> tasks)
      throws InterruptedException {
    // Each leaves the memory once it is written.
    Queue<TrainingOutcome> outcomes =
        new ArrayDeque<>(engine.train(List.copyOf(tasks.values()), progress::stepsDone));
    for (Map.Entry<Replica, TrainingTask> each : tasks.entrySet()) {
      Replica replica = each.getKey();
      TrainingOutcome outcome = outcomes.remove();
      guarded(
          atWork,
          List.of(replica),
          () -> {
            write(replica, each.getValue(), outcome);
            boolean diverged = outcome.status() == TrainingStatus.DIVERGED;
            atWork.end(replica, diverged ? Ending.DIVERGED : Ending.DONE, outcome.steps());
          });
    }
  }

  private void write(Replica replica, TrainingTask task, TrainingOutcome outcome) {
    run.replica(replica.folder())
        .write(
            task.spec(),
            task.options().loss(),
            task.options().optimizer().learningRate(),
            outcome.state(),
            outcome.history(),
            result(replica, task, outcome));
  }

  /** Part of the work on a stack. */
  private interface Work {
    void run() throws InterruptedException;
  }

  /** Does {@code work}; when it fails, those of {@code replicas} that are at work end. */
  private void guarded(ReplicasAtWork atWork, Collection<Replica> replicas, Work work) {
    List<Replica> concerned = List.copyOf(replicas);
    try {
      if (workers.stopped()) {
        throw new InterruptedException();
      }
      work.run();
    } catch (InterruptedException interrupted) {
      atWork.giveUp(concerned, Ending.STOPPED);
    } catch (InvalidInputException | EngineLostException refusal) {
      if (workers.stopped()) {
        // An interrupted thread can neither read nor write files.
        atWork.giveUp(concerned, Ending.STOPPED);
        return;
      }
      abortion.compareAndSet(null, refusal);
      atWork.giveUp(concerned, Ending.FAILED);
      stop();
    } catch (RuntimeException | Error failure) {
      String names = concerned.stream().map(Replica::folder).collect(Collectors.joining(", "));
      LOG.error("{} failed: {}", names, failure.toString(), failure);
      atWork.giveUp(concerned, Ending.FAILED);
    }
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
