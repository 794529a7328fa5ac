package org.basin.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.basin.InvalidInputException;
import org.basin.Machine;
import org.basin.config.Experiment;
import org.basin.engine.EngineRegistry;
import org.basin.execute.SweepState;
import org.basin.plan.Cost;
import org.basin.plan.Plan;
import org.basin.plan.Point;
import org.basin.plan.Replica;
import org.basin.store.RunFolder;
import org.basin.store.WholeFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code basin plan}: says what {@code run} would do, and writes {@code plan.jsonl} alone. */
@Command(
    name = "plan",
    description = "Say what run would do: points, replicas, what exists, cost. Writes plan.jsonl.",
    mixinStandardHelpOptions = true)
final class PlanCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ExperimentArguments arguments;

  @Override
  public Integer call() {
    Experiment experiment = arguments.experiment();
    Plan plan = arguments.plan(experiment);
    List<Replica> replicas = arguments.replicas(plan);
    String engineName = arguments.engine(experiment);
    EngineRegistry.Pace pace = EngineRegistry.standard().pace(engineName);
    PrintWriter out = spec.commandLine().getOut();
    Path directory = arguments.directory(experiment);
    boolean started = Files.exists(directory.resolve("experiment.yaml"));
    List<Replica> done =
        started
            ? SweepState.of(replicas, RunFolder.open(directory), arguments.data(experiment)).done()
            : List.of();
    out.printf(Locale.ROOT, "%-52s %10s %12s %9s%n", "point", "seeds", "parameters", "steps");
    for (Point point : plan.points()) {
      Cost cost = plan.cost(point);
      out.printf(
          Locale.ROOT,
          "%-52s %10d %,12d %,9d%n",
          point.name(),
          point.seeds().size(),
          cost.parameters(),
          cost.steps());
    }
    double seconds = 0;
    long steps = 0;
    for (Replica replica : replicas) {
      if (!done.contains(replica)) {
        Cost cost = plan.cost(replica.point());
        steps += cost.steps();
        seconds +=
            cost.steps() * pace.secondsPerStep()
                + cost.multiplyAdds() / pace.multiplyAddsPerSecond();
      }
    }
    Integer stated = experiment.workers();
    int workers = stated != null ? Math.min(stated, Machine.cores()) : Machine.cores();
    out.printf(
        Locale.ROOT,
        "%d points, %d replicas, %d done; %,d steps to do, about %s on %d cores (rough)%n",
        plan.points().size(),
        replicas.size(),
        done.size(),
        steps,
        SweepDisplay.duration(seconds / workers),
        workers);
    write(plan, directory, started);
    return Basin.DONE;
  }

  private void write(Plan plan, Path directory, boolean started) {
    Path file = directory.resolve("plan.jsonl");
    PrintWriter out = spec.commandLine().getOut();
    if (started) {
      out.println(file + " is left as the run wrote it");
      return;
    }
    try {
      Files.createDirectories(directory);
    } catch (IOException failure) {
      throw new InvalidInputException(
          "cannot make " + directory + ": " + failure.getMessage(), failure);
    }
    WholeFile.write(file, plan.toJsonLines());
    out.println("plan: " + file);
  }
}
