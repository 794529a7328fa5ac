package org.basin.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.basin.InvalidInputException;
import org.basin.Machine;
import org.basin.config.Experiment;
import org.basin.config.Nearest;
import org.basin.config.ReplicaConfig;
import org.basin.data.DatasetLoader;
import org.basin.data.Split;
import org.basin.engine.EngineRegistry;
import org.basin.execute.SplitSource;
import org.basin.execute.SweepState;
import org.basin.landscape.curvature.HessianMeasurement;
import org.basin.landscape.curvature.HessianOptions;
import org.basin.landscape.curvature.HessianProbe;
import org.basin.linalg.NonFiniteProductException;
import org.basin.linalg.Uncertain;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.plan.Plan;
import org.basin.plan.Replica;
import org.basin.store.Claim;
import org.basin.store.ProbeFile;
import org.basin.store.ProbeRequest;
import org.basin.store.ReplicaFolder;
import org.basin.store.RunFolder;
import org.basin.train.BatchNormPolicy;
import org.basin.train.Objective;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code basin probe}: measures the landscape at the trained networks of a run. */
@Command(
    name = "probe",
    description = "Measure the landscape at every trained network of a run.",
    mixinStandardHelpOptions = true)
final class ProbeCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(ProbeCommand.class);
  private static final String HESSIAN = "hessian";
  private static final List<String> PROBES = List.of(HESSIAN);

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "RUN", description = "The run folder.")
  private Path directory = Path.of("");

  @Option(
      names = "--probe",
      required = true,
      paramLabel = "NAME",
      description = "What to measure: hessian.")
  private String probe = "";

  @Option(
      names = "--k",
      paramLabel = "K",
      description = "How many of the largest eigenvalues; default 10.")
  private int largest = HessianOptions.DEFAULTS.largest();

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of the random vectors, together with a replica's own; default 1.")
  private long seed = 1;

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description = "Engine that computes (auto, cpu; see basin doctor); default auto.")
  private String engineName = EngineRegistry.AUTO;

  private int total;
  private int ended;
  private int measured;
  private int present;
  private int elsewhere;
  private int failed;

  @Override
  public Integer call() {
    HessianOptions options = options();
    RunFolder run = RunFolder.open(directory);
    Experiment experiment = Experiment.read(run.experimentFile(), List.of());
    DatasetLoader loader = new DatasetLoader();
    Path base = experiment.directory();
    SplitSource data = (dataOptions, replicaSeed) -> loader.load(dataOptions, base, replicaSeed);
    try (ObjectiveEngine engine = EngineRegistry.standard().openObjectives(engineName, 1)) {
      Plan plan = Plan.of(experiment, dataOptions -> loader.shape(dataOptions, base));
      SweepState state = SweepState.of(plan.replicas(), run, data);
      state.stale().forEach(each -> failed(each.problem()));
      List<Replica> trained = new ArrayList<>();
      for (Replica replica : state.done()) {
        if (!run.replica(replica.folder()).result().status().equals("diverged")) {
          trained.add(replica);
        }
      }
      total = trained.size();
      measureAll(trained, replica -> measure(replica, run, data, engine, options));
      int diverged = state.done().size() - trained.size();
      return closing(diverged, state.missing().size());
    }
  }

  private HessianOptions options() {
    if (!PROBES.contains(probe)) {
      String near = Nearest.to(probe, PROBES);
      throw new InvalidInputException(
          "there is no probe '%s'%s; allowed: %s"
              .formatted(
                  probe,
                  near == null ? "" : ", did you mean " + near + "?",
                  String.join(", ", PROBES)));
    }
    if (largest < 1 || largest > HessianOptions.MOST_EIGENVALUES) {
      throw new InvalidInputException(
          "--k is %d, allowed: a whole number from 1 to %d"
              .formatted(largest, HessianOptions.MOST_EIGENVALUES));
    }
    return HessianOptions.DEFAULTS.withLargest(largest);
  }

  private interface Measuring {
    void of(Replica replica);
  }

  /** One replica a core at a time; one that fails leaves the others alone. */
  private void measureAll(List<Replica> replicas, Measuring measuring) {
    Queue<Replica> waiting = new ConcurrentLinkedQueue<>(replicas);
    List<Thread> workers = new ArrayList<>();
    for (int i = 0; i < Math.min(Machine.cores(), replicas.size()); i++) {
      workers.add(
          Thread.ofPlatform()
              .name("probe-" + i)
              .start(
                  () -> {
                    for (Replica next = waiting.poll(); next != null; next = waiting.poll()) {
                      guarded(next, measuring);
                    }
                  }));
    }
    for (Thread worker : workers) {
      try {
        worker.join();
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new InvalidInputException("interrupted; the same command goes on", interrupted);
      }
    }
  }

  private void guarded(Replica replica, Measuring measuring) {
    try {
      measuring.of(replica);
    } catch (InvalidInputException refusal) {
      failed(String.valueOf(refusal.getMessage()));
    } catch (NonFiniteProductException refusal) {
      failed(replica.folder() + ": " + refusal.getMessage());
    } catch (RuntimeException | Error failure) {
      LOG.error("{} failed", replica.folder(), failure);
      failed(replica.folder() + ": " + failure);
    }
  }

  private void measure(
      Replica replica,
      RunFolder run,
      SplitSource data,
      ObjectiveEngine engine,
      HessianOptions options) {
    ReplicaFolder folder = run.replica(replica.folder());
    try (Claim claim = folder.claim()) {
      if (claim == null) {
        left();
        return;
      }
      ReplicaConfig config = replica.point().config();
      Split split = data.load(config.data(), replica.seed());
      ObjectiveOptions trained =
          ObjectiveOptions.trained(config.training(), BatchNormPolicy.FROZEN);
      ProbeRequest request =
          new ProbeRequest(
              HESSIAN,
              options,
              trained,
              "train",
              seed,
              engine.description().name(),
              replica.point().configHash(),
              split.hash());
      ProbeFile file = folder.probe(HESSIAN);
      if (isThere(file, request)) {
        kept();
        return;
      }
      long start = System.nanoTime();
      MlpSpec network = config.model().toSpec(split.train().features(), split.train().classes());
      NetworkState model = folder.model(network);
      try (Objective objective = engine.objective(network, trained, split.train(), model)) {
        HessianMeasurement values =
            (HessianMeasurement)
                HessianProbe.measure(
                        objective, model.parameters(), network.outputs(), options, random(replica))
                    .details();
        double seconds = (System.nanoTime() - start) * 1e-9;
        file.write(request, engine.description(), seconds, values);
        progress(replica, values, seconds);
      }
    }
  }

  /** Replicas draw independently of each other, so that what a point averages is independent. */
  private SplittableRandom random(Replica replica) {
    return new SplittableRandom(new SplittableRandom(seed).nextLong() + replica.seed());
  }

  private static boolean isThere(ProbeFile file, ProbeRequest request) {
    try {
      return file.holds(request);
    } catch (InvalidInputException damaged) {
      LOG.warn("{}; measuring again", damaged.getMessage());
      return false;
    }
  }

  private synchronized void progress(Replica replica, HessianMeasurement values, double seconds) {
    measured++;
    ended++;
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "%d/%d %s: largest eigenvalue %s, trace %s, %s; %.1f s%n",
        ended,
        total,
        replica.folder(),
        shown(values.largest().getFirst().eigenvalue()),
        shown(values.trace()),
        values.negativeCurvature() ? "negative curvature" : "no negative curvature found",
        seconds);
    out.flush();
  }

  private static String shown(Uncertain value) {
    return String.format(Locale.ROOT, "%.5g +- %.1g", value.value(), value.standardError())
        + (value.converged() ? "" : " (not converged)");
  }

  private synchronized void failed(String problem) {
    failed++;
    ended++;
    PrintWriter err = spec.commandLine().getErr();
    err.println("basin: " + problem);
    err.flush();
  }

  private synchronized void kept() {
    present++;
    ended++;
  }

  private synchronized void left() {
    elsewhere++;
    ended++;
  }

  private int closing(int diverged, int missing) {
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "%s: %d measured, %d were there already%s%s%s%s%n",
            probe,
            measured,
            present,
            counted(failed, "failed"),
            counted(elsewhere, "left to another process"),
            counted(diverged, "left out: diverged"),
            counted(missing, "not trained yet"));
    if (failed > 0 && measured + present == 0) {
      return Basin.BAD_INPUT;
    }
    return failed > 0 || diverged > 0 ? Basin.INCOMPLETE : Basin.DONE;
  }

  private static String counted(int count, String what) {
    return count == 0 ? "" : ", " + count + " " + what;
  }
}
