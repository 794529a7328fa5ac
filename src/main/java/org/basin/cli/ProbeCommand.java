package org.basin.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.basin.InvalidInputException;
import org.basin.config.Experiment;
import org.basin.data.DatasetLoader;
import org.basin.engine.EngineRegistry;
import org.basin.execute.SplitSource;
import org.basin.execute.SweepState;
import org.basin.landscape.ProbeRequest;
import org.basin.plan.Plan;
import org.basin.store.Claim;
import org.basin.store.CompletedRun;
import org.basin.store.RunFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "RUN", description = "The run folder.")
  private Path directory = Path.of("");

  @Option(
      names = "--probe",
      required = true,
      paramLabel = "NAME",
      description = "What to measure: ${COMPLETION-CANDIDATES}.",
      completionCandidates = ProbeNames.class)
  private String probe = "";

  @Option(
      names = "--set",
      paramLabel = "OPTION=VALUE",
      description =
          "Change an option of the probe from what the experiment states, or from its default, e.g."
              + " --set largest=20. May be repeated.")
  private List<String> overrides = new ArrayList<>();

  @Mixin private EngineArguments engine;
  @Mixin private WorkersArgument workers;

  @Override
  public Integer call() {
    RunFolder run = RunFolder.open(directory);
    Experiment experiment = Experiment.read(run.experimentFile(), List.of());
    ProbeRequest request = experiment.probe(probe, overrides);
    Integer atOnce = workers.stated(experiment);
    if (!experiment.trains()) {
      throw new InvalidInputException(
          directory + " has no networks to measure: its experiment states studies alone");
    }
    DatasetLoader loader = new DatasetLoader();
    Path base = experiment.directory();
    SplitSource data = (dataOptions, replicaSeed) -> loader.load(dataOptions, base, replicaSeed);
    Plan plan = Plan.of(experiment, dataOptions -> loader.shape(dataOptions, base));
    EngineRegistry engines = engine.registry(experiment.engineOptions());
    String engineName = engine.name(engines.answering(experiment.engine()));
    engines.requireObjectives(engineName);
    SweepState state = SweepState.of(plan.replicas(), run, data);
    try (Interruption interruption = Interruption.held()) {
      int code =
          new ProbeStage(spec.commandLine(), plan, run, data, engines, engineName)
              .measure(state, List.of(request), atOnce, interruption);
      if (code != Basin.BAD_INPUT) {
        refresh(experiment, run);
      }
      return code;
    }
  }

  /** Table and report tell what was measured too. */
  private static void refresh(Experiment experiment, RunFolder run) {
    try (Claim _ = run.claim()) {
      CompletedRun completed = RunReading.of(run, experiment);
      run.writeTables(completed);
      ReportCommand.write(completed, run.reportFile());
    }
  }
}
