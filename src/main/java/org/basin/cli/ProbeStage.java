package org.basin.cli;

import java.util.ArrayList;
import java.util.List;
import org.basin.Machine;
import org.basin.engine.EngineRegistry;
import org.basin.execute.ProbeRunner;
import org.basin.execute.SplitSource;
import org.basin.execute.SweepState;
import org.basin.landscape.ProbeRequest;
import org.basin.plan.Plan;
import org.basin.plan.Replica;
import org.basin.store.RunFolder;
import org.basin.train.EngineLostException;
import org.basin.train.ObjectiveEngine;
import org.basin.train.TrainingEngine;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** The measuring of what is trained, shared by {@code run} and {@code probe}. */
final class ProbeStage {
  private final CommandLine commandLine;
  private final Plan plan;
  private final RunFolder run;
  private final SplitSource data;
  private final EngineRegistry engines;
  private final String engineName;

  /**
   * The stage for a run.
   *
   * @param engineName which of {@code engines} computes, or {@code auto}
   */
  ProbeStage(
      CommandLine commandLine,
      Plan plan,
      RunFolder run,
      SplitSource data,
      EngineRegistry engines,
      String engineName) {
    this.commandLine = commandLine;
    this.plan = plan;
    this.run = run;
    this.data = data;
    this.engines = engines;
    this.engineName = engineName;
  }

  /**
   * Measures what is trained and did not diverge; what is damaged counts as failed.
   *
   * @param atOnce networks at once; null for one a core
   * @return the exit code
   */
  int measure(
      SweepState state,
      List<ProbeRequest> requests,
      @Nullable Integer atOnce,
      Interruption interruption) {
    List<Replica> trained = new ArrayList<>();
    for (Replica replica : state.done()) {
      if (!run.replica(replica.folder()).result().status().equals("diverged")) {
        trained.add(replica);
      }
    }
    int diverged = state.done().size() - trained.size();
    List<Replica> replicas = new ArrayList<>(trained);
    state.stale().forEach(stale -> replicas.add(stale.replica()));
    ProbeDisplay display =
        new ProbeDisplay(commandLine.getOut(), commandLine.getErr(), replicas, requests);
    for (SweepState.Stale stale : state.stale()) {
      requests.stream()
          .filter(each -> ProbeRunner.measures(each, stale.replica()))
          .forEach(each -> display.failed(stale.replica(), each, stale.problem()));
    }
    long measured =
        trained.stream()
            .filter(each -> requests.stream().anyMatch(r -> ProbeRunner.measures(r, each)))
            .count();
    int workers = Math.clamp(measured, 1, atOnce != null ? atOnce : Machine.cores());
    // Fewer replicas than cores: each uses several.
    int coresEach = Math.max(1, Machine.cores() / workers);
    try (ObjectiveEngine objectives = engines.openObjectives(engineName, coresEach);
        TrainingEngine training = engines.open(objectives.description().name())) {
      ProbeRunner runner = new ProbeRunner(plan, run, data, objectives, training, display);
      interruption.onSignal(runner::stop);
      runner.run(trained, requests, workers);
      if (runner.stopped()) {
        display.stopped();
        return Basin.INCOMPLETE; // not what the shell sees: the signal ends the process
      }
      display.closing(diverged, state.missing().size());
      if (display.nothingDone()) {
        return Basin.BAD_INPUT;
      }
      return display.allDone() && diverged == 0 ? Basin.DONE : Basin.INCOMPLETE;
    } catch (EngineLostException loss) {
      display.lost(loss.getMessage());
      return Basin.INCOMPLETE;
    }
  }
}
