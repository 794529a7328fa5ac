package org.basin.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.basin.InvalidInputException;
import org.basin.Machine;
import org.basin.config.Experiment;
import org.basin.engine.EngineRegistry;
import org.basin.execute.SplitSource;
import org.basin.execute.SweepRunner;
import org.basin.execute.SweepState;
import org.basin.plan.Plan;
import org.basin.plan.Replica;
import org.basin.store.Claim;
import org.basin.store.CompletedReplica;
import org.basin.store.CompletedRun;
import org.basin.store.Provenance;
import org.basin.store.RunFolder;
import org.basin.train.EngineDescription;
import org.basin.train.EngineLostException;
import org.basin.train.TrainingEngine;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code basin run}: does what is missing of an experiment, then writes tables and report. */
@Command(
    name = "run",
    description = "Run and train what is missing of an experiment, and write its report.",
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

  @Spec private CommandSpec spec;
  @Mixin private ExperimentArguments arguments;

  @Mixin private WorkersArgument workers;

  @Override
  public Integer call() {
    Experiment experiment = arguments.experiment();
    final Integer stated = workers.stated(experiment);
    Plan plan = arguments.plan(experiment);
    List<Replica> replicas = arguments.replicas(plan);
    EngineRegistry engines = arguments.engines(experiment);
    String engineName = arguments.engine(experiment);
    if (experiment.trains()) {
      requireUsable(experiment, plan, engines, engineName);
    }
    RunFolder run =
        RunFolder.prepare(
            arguments.directory(experiment),
            experiment.name(),
            experiment.toYaml(),
            plan.toJsonLines());
    SplitSource data = arguments.data(experiment);
    SweepState state = SweepState.of(replicas, run, data);
    state.stale().forEach(each -> LOG.warn("{}; training it again", each.problem()));
    state.done().forEach(replica -> run.replica(replica.folder()).removeStaleClaim());
    List<Replica> missing = state.toTrain();
    StudyStage studies = new StudyStage(spec.commandLine(), run, arguments.studies(experiment));
    studies.opening(experiment.name());
    SweepDisplay display = new SweepDisplay(spec.commandLine().getOut(), plan, missing);
    try (Interruption interruption = Interruption.held()) {
      if (missing.isEmpty() && !studies.isDone()) {
        run.addSession(session(null));
      }
      if (!studies.run(stated != null ? stated : Machine.cores(), interruption)) {
        return Basin.INCOMPLETE; // not what the shell sees: the signal ends the process
      }
      if (experiment.trains()) {
        display.opening(experiment.name(), replicas.size());
      }
      boolean stopped = false;
      if (!missing.isEmpty()) {
        try (display;
            TrainingEngine engine = engines.open(engineName)) {
          run.addSession(session(engine.description()));
          SweepRunner runner = new SweepRunner(plan, engine, data, run, display);
          interruption.onSignal(runner::stop);
          int suiting =
              engines.resources(engineName).gpus() ? engine.stacksAtOnce() : Machine.cores();
          runner.run(missing, stated != null ? stated : suiting);
          stopped = runner.stopped();
        }
      }
      if (stopped) {
        display.stopped();
        return Basin.INCOMPLETE; // as above
      }
      int measured = Basin.DONE;
      if (!experiment.probes().isEmpty()) {
        measured =
            measure(experiment, plan, replicas, run, interruption, engines, engineName, stated);
      }
      int trained = finish(experiment, replicas, run, display);
      boolean allThere = measured == Basin.DONE && studies.code() == Basin.DONE;
      return trained == Basin.DONE && !allThere ? Basin.INCOMPLETE : trained;
    } catch (InvalidInputException | EngineLostException refusal) {
      return giveUp(refusal.getMessage(), display.done(), missing.size());
    }
  }

  /** Refuses what cannot be trained or measured before anything is written. */
  private void requireUsable(
      Experiment experiment, Plan plan, EngineRegistry engines, String engineName) {
    List<EngineRegistry.ReplicaSize> sizes = arguments.sizes(experiment, plan);
    engines.requireUsable(engineName, sizes);
    if (!experiment.probes().isEmpty()) {
      engines.requireObjectives(engines.answering(engineName));
    }
    ExperimentArguments.requireMeasurable(experiment, sizes);
  }

  /** Measures what the experiment's probes name, of everything that is trained. */
  private int measure(
      Experiment experiment,
      Plan plan,
      List<Replica> replicas,
      RunFolder run,
      Interruption interruption,
      EngineRegistry engines,
      String engineName,
      @Nullable Integer stated) {
    SplitSource data = arguments.data(experiment);
    SweepState state = SweepState.of(replicas, run, data);
    String answering = engines.answering(engineName);
    return new ProbeStage(spec.commandLine(), plan, run, data, engines, answering)
        .measure(state, experiment.probes(), stated, interruption);
  }

  private ObjectNode session(@Nullable EngineDescription engine) {
    String home = System.getProperty("basin.home"); // the checkout, which the launcher names
    return Provenance.session(
        spec.root().commandLine().getParseResult().originalArgs(),
        home == null ? null : Path.of(home),
        engine);
  }

  /** Writes tables and report of everything that is done. */
  private static int finish(
      Experiment experiment, List<Replica> replicas, RunFolder run, SweepDisplay display) {
    CompletedRun completed;
    Path report = run.reportFile();
    // Two processes that end at once: the later one sees all of the earlier one's results.
    try (Claim _ = run.claim()) {
      completed = RunReading.of(run, experiment);
      run.writeTables(completed);
      ReportCommand.write(completed, report);
    }
    display.closing(completed, report);
    Set<String> there =
        completed.replicas().stream().map(CompletedReplica::folder).collect(Collectors.toSet());
    boolean allThere = replicas.stream().map(Replica::folder).allMatch(there::contains);
    return allThere && diverged(completed) == 0 ? Basin.DONE : Basin.INCOMPLETE;
  }

  /** A full disk or a lost GPU amid a sweep: what is done stays, and is not done again. */
  private int giveUp(String problem, int done, int planned) {
    spec.commandLine()
        .getErr()
        .printf(
            Locale.ROOT,
            "basin: %s; %sthe same command goes on from here%n",
            problem,
            planned == 0 ? "" : done + " of " + planned + " replicas were trained, ");
    return Basin.INCOMPLETE;
  }

  private static long diverged(CompletedRun run) {
    return run.replicas().stream()
        .filter(replica -> replica.result().status().equals("diverged"))
        .count();
  }
}
