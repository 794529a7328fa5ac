package org.basin.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.basin.InvalidInputException;
import org.basin.Machine;
import org.basin.config.Experiment;
import org.basin.data.DatasetLoader;
import org.basin.engine.EngineRegistry;
import org.basin.execute.PairComparison;
import org.basin.execute.SplitSource;
import org.basin.execute.TrainedReplica;
import org.basin.landscape.ProbeRequest;
import org.basin.landscape.connectivity.ConnectivityProbe;
import org.basin.measurement.Measurement;
import org.basin.plan.Plan;
import org.basin.plan.Replica;
import org.basin.store.RunFolder;
import org.basin.train.ObjectiveEngine;
import org.basin.train.TrainingEngine;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code basin connect}: the connectivity of any two trained networks of one shape. */
@Command(
    name = "connect",
    description = "Measure the loss between two trained networks, and print it; writes nothing.",
    mixinStandardHelpOptions = true)
final class ConnectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "FOLDER",
      description = "A replica's folder, RUN/POINT/seed=N; its data are measured on.")
  private Path first = Path.of("");

  @Parameters(
      index = "1",
      paramLabel = "FOLDER",
      description = "Another one's, of the same run or of another.")
  private Path second = Path.of("");

  @Option(
      names = "--set",
      paramLabel = "OPTION=VALUE",
      description =
          "Change an option of the connectivity probe from what the first one's experiment states,"
              + " or from its default, e.g. --set curves=none. May be repeated.")
  private List<String> overrides = new ArrayList<>();

  @Mixin private EngineArguments engine;

  /** A replica's folder and the experiment that it is of. */
  private record Located(Experiment experiment, TrainedReplica trained) {}

  @Override
  public Integer call() throws InterruptedException {
    Located one = locate(first);
    Located other = locate(second);
    Experiment experiment = one.experiment();
    EngineRegistry engines = engine.registry(experiment.engineOptions());
    String engineName = engine.name(engines.answering(experiment.engine()));
    engines.requireObjectives(engineName);
    ProbeRequest request = experiment.probe(ConnectivityProbe.KIND.name(), overrides);
    try (ObjectiveEngine objectives = engines.openObjectives(engineName, Machine.cores());
        TrainingEngine training = engines.open(objectives.description().name())) {
      Measurement measured =
          PairComparison.measure(request, one.trained(), other.trained(), objectives, training);
      print(one.trained(), other.trained(), measured);
    }
    return Basin.DONE;
  }

  /** Finds the replica in the plan of the run that its folder lies in. */
  private static Located locate(Path folder) {
    Path absolute = folder.toAbsolutePath().normalize();
    Path point = absolute.getParent();
    Path directory = point == null ? null : point.getParent();
    if (directory == null) {
      throw notOne(folder, null);
    }
    RunFolder run;
    try {
      run = RunFolder.open(directory);
    } catch (InvalidInputException noRun) {
      throw notOne(folder, noRun);
    }
    Experiment experiment = Experiment.read(run.experimentFile(), List.of());
    DatasetLoader loader = new DatasetLoader();
    Path base = experiment.directory();
    Plan plan = Plan.of(experiment, options -> loader.shape(options, base));
    SplitSource data = (options, seed) -> loader.load(options, base, seed);
    for (Replica replica : plan.replicas()) {
      if (directory.resolve(replica.folder()).equals(absolute)) {
        return new Located(experiment, TrainedReplica.load(replica, run, data));
      }
    }
    throw notOne(folder, null);
  }

  private static InvalidInputException notOne(Path folder, @Nullable Exception cause) {
    return new InvalidInputException(
        folder + " is not a replica's folder; allowed: RUN/POINT/seed=N of a run's plan", cause);
  }

  private void print(TrainedReplica one, TrainedReplica other, Measurement measured) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf("from %s to %s%n", first, second);
    boolean same = one.task().data().hash().equals(other.task().data().hash());
    out.printf(
        Locale.ROOT,
        "on %,d training and %,d test examples of %s%n",
        one.task().data().train().count(),
        one.task().data().test().count(),
        same ? "both" : "the first; the second was trained on other data or labels");
    int width = measured.scalars().keySet().stream().mapToInt(String::length).max().orElse(1);
    measured
        .scalars()
        .forEach(
            (name, value) -> out.printf("%-" + width + "s  %s%n", name, ProbeDisplay.shown(value)));
    out.flush();
  }
}
