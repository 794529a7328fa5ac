package org.basin.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.basin.config.Experiment;
import org.basin.config.ReplicaConfig;
import org.basin.data.DataShape;
import org.basin.data.DatasetLoader;
import org.basin.engine.EngineRegistry;
import org.basin.execute.SplitSource;
import org.basin.landscape.ProbeRequest;
import org.basin.plan.Plan;
import org.basin.plan.Replica;
import org.basin.theory.StudyRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The arguments that say what to run, shared by {@code run} and {@code plan}. */
final class ExperimentArguments {
  @Parameters(index = "0", paramLabel = "FILE", description = "The experiment file.")
  private Path file = Path.of("");

  @Option(
      names = "--set",
      paramLabel = "PATH=VALUE",
      description =
          "Change a setting, e.g. --set training.epochs=50; a list makes it an axis of the sweep,"
              + " e.g. --set model.width=[8,16]. May be repeated.")
  private List<String> overrides = new ArrayList<>();

  @Mixin private EngineArguments engine;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "The run folder; default runs/<experiment name>.")
  private @Nullable Path out;

  @Option(
      names = "--shard",
      paramLabel = "I/N",
      description = "Only the I-th of N parts of the sweep, of about equal cost.")
  private @Nullable String shard;

  private final DatasetLoader loader = new DatasetLoader();

  Experiment experiment() {
    return Experiment.read(file, overrides);
  }

  /** Expands and checks the experiment, its data included. */
  Plan plan(Experiment experiment) {
    return Plan.of(experiment, options -> loader.shape(options, experiment.directory()));
  }

  /** The replicas' sizes, one a point. */
  List<EngineRegistry.ReplicaSize> sizes(Experiment experiment, Plan plan) {
    return plan.points().stream()
        .map(
            point -> {
              ReplicaConfig config = point.config();
              DataShape shape = loader.shape(config.data(), experiment.directory());
              return new EngineRegistry.ReplicaSize(
                  config.model().toSpec(shape.features(), shape.classes()),
                  config.training(),
                  shape.train());
            })
        .toList();
  }

  /** Refuses probes that cannot measure what is trained. */
  static void requireMeasurable(Experiment experiment, List<EngineRegistry.ReplicaSize> sizes) {
    for (ProbeRequest probe : experiment.probes()) {
      sizes.forEach(size -> probe.conditions().requireWithin(size.trainingExamples()));
      sizes.forEach(size -> probe.requireMeasurable(size.spec()));
    }
  }

  SplitSource data(Experiment experiment) {
    return (options, seed) -> loader.load(options, experiment.directory(), seed);
  }

  /** The part of the plan that is asked for. */
  List<Replica> replicas(Plan plan) {
    if (shard == null) {
      return plan.replicas();
    }
    Shard part = Shard.parse(shard);
    return plan.shard(part.index(), part.count());
  }

  /** The studies that are asked for: they belong to the first part. */
  List<StudyRequest> studies(Experiment experiment) {
    return shard == null || Shard.parse(shard).index() == 1 ? experiment.studies() : List.of();
  }

  /** The engine's name. */
  String engine(Experiment experiment) {
    return engine.name(experiment.engine());
  }

  /** The engines, as the experiment or the command line wants them. */
  EngineRegistry engines(Experiment experiment) {
    return engine.registry(experiment.engineOptions());
  }

  Path directory(Experiment experiment) {
    return out != null ? out : Path.of("runs", experiment.name());
  }
}
