package org.basin.execute;

import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.basin.InvalidInputException;
import org.basin.config.CanonicalForm;
import org.basin.landscape.ProbeRequest;
import org.basin.linalg.NonFiniteProductException;
import org.basin.measurement.Measurement;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.plan.Plan;
import org.basin.plan.Replica;
import org.basin.plan.SeedPairs;
import org.basin.plan.Stack;
import org.basin.store.Claim;
import org.basin.store.ProbeFile;
import org.basin.store.ProbeIdentity;
import org.basin.store.ReplicaFolder;
import org.basin.store.RunFolder;
import org.basin.train.EngineLostException;
import org.basin.train.ObjectiveEngine;
import org.basin.train.SideBySide;
import org.basin.train.StackShape;
import org.basin.train.TrainingEngine;
import org.basin.train.TrainingTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures the trained networks of a sweep, the largest first: first side by side what may be,
 * where the engine computes several networks at once, then one replica a worker at a time. What is
 * refused side by side, as for memory that the others hold, is measured again by itself. What was
 * measured with the same request is kept; a replica that fails leaves the others alone, an engine
 * that is lost ends the measuring. Where networks are compared, a pair is measured in the folder of
 * its first.
 */
public final class ProbeRunner {
  private static final Logger LOG = LoggerFactory.getLogger(ProbeRunner.class);

  /** Part of the heap that all networks that are measured side by side may take. */
  private static final int HEAP_PART = 2;

  private final Plan plan;
  private final RunFolder run;
  private final SplitSource data;
  private final ObjectiveEngine objectives;
  private final TrainingEngine training;
  private final ProbeProgress progress;
  private final Workers workers = new Workers();
  private final AtomicReference<EngineLostException> lost = new AtomicReference<>();
  private final Queue<Refused> refused = new ConcurrentLinkedQueue<>();

  /** What was refused side by side. */
  private record Refused(Replica replica, ProbeRequest request) {}

  /**
   * A runner.
   *
   * @param objectives answers what probes ask
   * @param training repeats trainings, for probes that look at them
   */
  public ProbeRunner(
      Plan plan,
      RunFolder run,
      SplitSource data,
      ObjectiveEngine objectives,
      TrainingEngine training,
      ProbeProgress progress) {
    this.plan = plan;
    this.run = run;
    this.data = data;
    this.objectives = objectives;
    this.training = training;
    this.progress = progress;
  }

  /**
   * Measures {@code replicas}, which are trained, and returns when all are done or the runner was
   * stopped.
   *
   * @throws EngineLostException when an engine's device is gone
   */
  public void run(List<Replica> replicas, List<ProbeRequest> requests, int workerCount) {
    List<ProbeRequest> left =
        objectives
            .sideBySide()
            .map(side -> measureSideBySide(side, replicas, requests, workerCount))
            .orElse(requests);
    // One at a time: nothing is beside it.
    work(refused, 1, each -> guarded(each.replica, each.request, objectives, true));
    Queue<Replica> waiting = new ConcurrentLinkedQueue<>();
    replicas.stream()
        .sorted(Comparator.comparingDouble(replica -> -plan.cost(replica.point()).multiplyAdds()))
        .forEach(waiting::add);
    work(waiting, workerCount, replica -> measure(replica, left, objectives, true));
    EngineLostException loss = lost.get();
    if (loss != null) {
      throw loss;
    }
  }

  /** Takes what waits, until nothing does or the runner is stopped, on so many threads. */
  private <T> void work(Queue<T> waiting, int threads, Consumer<T> work) {
    workers.run(
        "probe",
        Math.min(threads, waiting.size()),
        () -> {
          for (T next = waiting.poll(); next != null && !workers.stopped(); next = waiting.poll()) {
            work.accept(next);
          }
        });
  }

  /** Measures what may be measured side by side; returns what is left to do. */
  private List<ProbeRequest> measureSideBySide(
      SideBySide side, List<Replica> replicas, List<ProbeRequest> requests, int workerCount) {
    List<ProbeRequest> these = requests.stream().filter(ProbeRequest::sideBySide).toList();
    if (!these.isEmpty()) {
      int groups = Math.min(workerCount, side.groups());
      Queue<Stack> stacks = new ConcurrentLinkedQueue<>();
      for (Stack all : Stack.pack(plan, replicas, replicas.size(), 1)) {
        StackShape shape = plan.shape(all.replicas().getFirst().point());
        int most = side.most(shape.spec(), shape.data().train());
        stacks.addAll(all.cut(Math.min(most, heapHolds(shape.spec(), these, groups))));
      }
      work(stacks, groups, stack -> measureSideBySide(side, stack.replicas(), these));
    }
    return requests.stream().filter(request -> !request.sideBySide()).toList();
  }

  /** Networks of a group that the heap holds beside the other groups', at least 1. */
  static int heapHolds(MlpSpec spec, List<ProbeRequest> requests, int groups) {
    long each = requests.stream().mapToLong(request -> request.heapBytes(spec)).max().orElse(0);
    long heap = Runtime.getRuntime().maxMemory() / HEAP_PART;
    return Math.clamp(heap / groups / Math.max(1, each), 1, Integer.MAX_VALUE);
  }

  /** A thread for each of {@code replicas}, since each waits for what all have asked. */
  private void measureSideBySide(
      SideBySide side, List<Replica> replicas, List<ProbeRequest> requests) {
    Queue<Runnable> members = new ConcurrentLinkedQueue<>();
    List<ObjectiveEngine> engines = side.engines(replicas.size());
    for (int i = 0; i < replicas.size(); i++) {
      Replica replica = replicas.get(i);
      ObjectiveEngine engine = engines.get(i);
      members.add(
          () -> {
            try (engine) {
              measure(replica, requests, engine, false);
            }
          });
    }
    new Workers()
        .run("probe-beside", replicas.size(), () -> Objects.requireNonNull(members.poll()).run());
  }

  /**
   * Whether {@code request} is answered in {@code replica}'s folder: of a pair that is compared, in
   * the first one's.
   */
  public static boolean measures(ProbeRequest request, Replica replica) {
    return !request.betweenNetworks() || SeedPairs.role(replica) == SeedPairs.Role.FIRST;
  }

  /** Whether {@link #stop} was called. */
  public boolean stopped() {
    return workers.stopped();
  }

  /** Interrupts the workers, upon which {@link #run} returns soon. */
  public void stop() {
    workers.stop();
  }

  private void measure(
      Replica replica, List<ProbeRequest> requests, ObjectiveEngine engine, boolean alone) {
    for (ProbeRequest request : requests) {
      if (measures(request, replica) && !workers.stopped()) {
        guarded(replica, request, engine, alone);
      }
    }
  }

  private void guarded(
      Replica replica, ProbeRequest request, ObjectiveEngine engine, boolean alone) {
    try {
      measure(replica, request, engine);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } catch (EngineLostException loss) {
      if (!workers.stopped()) {
        lost.compareAndSet(null, loss);
        stop();
      }
    } catch (InvalidInputException refusal) {
      if (alone) {
        failed(replica, request, String.valueOf(refusal.getMessage()));
      } else {
        refused.add(new Refused(replica, request));
      }
    } catch (NonFiniteProductException refusal) {
      failed(replica, request, String.valueOf(refusal.getMessage()));
    } catch (RuntimeException | Error failure) {
      if (!workers.stopped()) {
        LOG.error("{} of {} failed", request.kind().name(), replica.folder(), failure);
      }
      failed(replica, request, failure.toString());
    }
  }

  private void failed(Replica replica, ProbeRequest request, String problem) {
    if (!workers.stopped()) { // an interrupted thread can neither read nor write files
      boolean named = problem.contains(replica.folder());
      progress.failed(replica, request, named ? problem : replica.folder() + ": " + problem);
    }
  }

  private void measure(Replica replica, ProbeRequest request, ObjectiveEngine engine)
      throws InterruptedException {
    ReplicaFolder folder = run.replica(replica.folder());
    try (Claim claim = folder.claim()) {
      if (claim == null) {
        progress.elsewhere(replica, request);
        return;
      }
      TrainingTask task = TrainedReplica.task(replica, data);
      TrainedReplica partner = request.betweenNetworks() ? partner(replica) : null;
      ProbeFile file = folder.probe(request.kind().name());
      ProbeIdentity identity = identity(replica, request, task, partner);
      if (isThere(file, identity)) {
        progress.present(replica, request);
        return;
      }
      long start = System.nanoTime();
      NetworkState state = folder.model(task.spec());
      Measurement measurement =
          new ReplicaProbing(
                  request,
                  task,
                  engine,
                  new ReplicaRetraining(task, training, state, replica.folder()),
                  partner == null ? null : partner.partner())
              .measure(state);
      double seconds = (System.nanoTime() - start) * 1e-9;
      file.write(identity, objectives.description(), seconds, measurement);
      progress.measured(replica, request, measurement, seconds);
    }
  }

  private TrainedReplica partner(Replica replica) {
    try {
      return TrainedReplica.load(SeedPairs.partner(replica), run, data);
    } catch (InvalidInputException refusal) {
      throw new InvalidInputException(
          replica.folder() + " has no partner: " + refusal.getMessage(), refusal);
    }
  }

  private ProbeIdentity identity(
      Replica replica, ProbeRequest request, TrainingTask task, @Nullable TrainedReplica partner) {
    return new ProbeIdentity(
        request.kind().name(),
        request.kind().version(),
        request.conditions(),
        CanonicalForm.options(request.options()),
        request.objective(task.options()),
        objectives.description().arithmetic(),
        replica.point().configHash(),
        task.data().hash(),
        partner == null ? null : partner.identity());
  }

  private static boolean isThere(ProbeFile file, ProbeIdentity identity) {
    if (!file.exists()) {
      return false;
    }
    @Nullable String difference;
    try {
      difference = file.differenceFrom(identity);
    } catch (InvalidInputException damaged) {
      difference = damaged.getMessage();
    }
    if (difference != null) {
      LOG.warn("{}; measuring again", difference);
    }
    return difference == null;
  }
}
