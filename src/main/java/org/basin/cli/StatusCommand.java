package org.basin.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.basin.config.Experiment;
import org.basin.data.DatasetLoader;
import org.basin.execute.ProbeRunner;
import org.basin.execute.StudyState;
import org.basin.execute.SweepState;
import org.basin.landscape.ProbeRequest;
import org.basin.plan.Plan;
import org.basin.plan.Point;
import org.basin.plan.Replica;
import org.basin.plan.SeedPairs;
import org.basin.store.RunFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code basin status}: what of a run is done. */
@Command(
    name = "status",
    description = "Say what of a run is done, point by point and study by study.",
    mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "RUN", description = "The run folder.")
  private Path directory = Path.of("");

  @Override
  public Integer call() {
    RunFolder run = RunFolder.open(directory);
    Experiment experiment = Experiment.read(run.experimentFile(), List.of());
    if (experiment.trains()) {
      replicas(run, experiment);
    } else {
      spec.commandLine().getOut().println("nothing to train: the experiment states studies alone");
    }
    if (!experiment.studies().isEmpty()) {
      studies(run, experiment);
    }
    return Basin.DONE;
  }

  private void replicas(RunFolder run, Experiment experiment) {
    DatasetLoader loader = new DatasetLoader();
    Plan plan = Plan.of(experiment, options -> loader.shape(options, experiment.directory()));
    SweepState state =
        SweepState.of(
            plan.replicas(),
            run,
            (options, seed) -> loader.load(options, experiment.directory(), seed));
    Map<Point, Integer> done = new HashMap<>();
    Set<Replica> trained = new LinkedHashSet<>();
    for (Replica replica : state.done()) {
      done.merge(replica.point(), 1, Integer::sum);
      if (!run.replica(replica.folder()).result().status().equals("diverged")) {
        trained.add(replica);
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    int nameWidth = plan.points().stream().mapToInt(p -> p.name().length()).max().orElse(1);
    for (Point point : plan.points()) {
      out.printf(
          Locale.ROOT,
          "%-" + nameWidth + "s %d of %d%n",
          point.name(),
          done.getOrDefault(point, 0),
          point.seeds().size());
    }
    state.stale().forEach(stale -> out.println("to be trained again: " + stale.problem()));
    out.printf(
        Locale.ROOT,
        "%d of %d replicas are done (%d diverged), %d missing, %d to be trained again%n",
        state.done().size(),
        plan.replicas().size(),
        state.done().size() - trained.size(),
        state.missing().size(),
        state.stale().size());
    for (ProbeRequest probe : experiment.probes()) {
      String name = probe.kind().name();
      List<Replica> measurable =
          trained.stream()
              .filter(replica -> ProbeRunner.measures(probe, replica))
              .filter(
                  replica ->
                      !probe.betweenNetworks() || trained.contains(SeedPairs.partner(replica)))
              .toList();
      long measured =
          measurable.stream()
              .filter(replica -> run.replica(replica.folder()).probe(name).exists())
              .count();
      out.printf(
          Locale.ROOT,
          "%s: %d of %d %smeasured%n",
          name,
          measured,
          measurable.size(),
          probe.betweenNetworks() ? "pairs " : "");
    }
  }

  private void studies(RunFolder run, Experiment experiment) {
    PrintWriter out = spec.commandLine().getOut();
    StudyState state = StudyState.of(experiment.studies(), run);
    state.done().forEach(each -> StudyDisplay.print(out, run.study(each.label()).read()));
    state.missing().forEach(each -> out.println(each.label() + ": missing"));
    state.stale().forEach(each -> out.println("to be run again: " + each.problem()));
    out.printf(
        Locale.ROOT,
        "%d of %d studies are done, %d missing, %d to be run again%n",
        state.done().size(),
        experiment.studies().size(),
        state.missing().size(),
        state.stale().size());
  }
}
