package org.basin.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.basin.config.Experiment;
import org.basin.engine.EngineRegistry;
import org.basin.engine.Resources;
import org.basin.execute.StudyState;
import org.basin.execute.SweepState;
import org.basin.plan.Cost;
import org.basin.plan.Plan;
import org.basin.plan.Point;
import org.basin.plan.Replica;
import org.basin.plan.Stack;
import org.basin.store.RunFolder;
import org.basin.theory.StudyRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code basin plan}: says what {@code run} would do, and writes {@code plan.jsonl} alone. */
@Command(
    name = "plan",
    description =
        "Say what run would do: studies, points, replicas, what exists, cost. Writes plan.jsonl.",
    mixinStandardHelpOptions = true)
final class PlanCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ExperimentArguments arguments;

  @Override
  public Integer call() {
    Experiment experiment = arguments.experiment();
    Plan plan = arguments.plan(experiment);
    List<Replica> replicas = arguments.replicas(plan);
    if (experiment.trains()) {
      requireUsable(experiment, plan);
    }
    PrintWriter out = spec.commandLine().getOut();
    Path directory = arguments.directory(experiment);
    RunFolder run = RunFolder.openIfStarted(directory, experiment.name());
    boolean written = RunFolder.writePlan(directory, experiment.name(), plan.toJsonLines());
    studies(arguments.studies(experiment), run);
    if (experiment.trains()) {
      replicas(experiment, plan, replicas, run);
    } else {
      out.println("nothing to train: the experiment states studies alone");
    }
    Path file = directory.resolve("plan.jsonl");
    out.println(written ? "plan: " + file : file + " is left as the run wrote it");
    return Basin.DONE;
  }

  private void requireUsable(Experiment experiment, Plan plan) {
    List<EngineRegistry.ReplicaSize> sizes = arguments.sizes(experiment, plan);
    arguments.engines(experiment).requireUsable(arguments.engine(experiment), sizes);
    ExperimentArguments.requireMeasurable(experiment, sizes);
  }

  private void studies(List<StudyRequest> studies, @Nullable RunFolder run) {
    if (studies.isEmpty()) {
      return;
    }
    PrintWriter out = spec.commandLine().getOut();
    int width = studies.stream().mapToInt(each -> each.label().length()).max().orElse(0);
    String row = "%-" + Math.max(width, 5) + "s %6s  %s%n";
    out.printf(Locale.ROOT, row, "study", "seed", "kind");
    studies.forEach(
        each -> out.printf(Locale.ROOT, row, each.label(), each.seed(), each.kind().name()));
    int done = run == null ? 0 : StudyState.of(studies, run).done().size();
    out.printf(Locale.ROOT, "%d studies, %d done%n", studies.size(), done);
  }

  private void replicas(
      Experiment experiment, Plan plan, List<Replica> replicas, @Nullable RunFolder run) {
    PrintWriter out = spec.commandLine().getOut();
    EngineRegistry engines = arguments.engines(experiment);
    EngineRegistry.Pace pace = engines.pace(arguments.engine(experiment));
    List<Replica> missing =
        run == null ? replicas : SweepState.of(replicas, run, arguments.data(experiment)).toTrain();
    Map<Point, Long> seeds =
        replicas.stream()
            .collect(
                Collectors.groupingBy(Replica::point, LinkedHashMap::new, Collectors.counting()));
    int nameWidth = seeds.keySet().stream().mapToInt(p -> p.name().length()).max().orElse(0);
    String row = "%-" + Math.max(nameWidth, 5) + "s %8s %12s %11s%n";
    out.printf(Locale.ROOT, row, "point", "seeds", "parameters", "steps");
    seeds.forEach(
        (point, count) -> {
          Cost cost = plan.cost(point);
          out.printf(
              Locale.ROOT,
              row,
              point.name(),
              count,
              String.format(Locale.ROOT, "%,d", cost.parameters()),
              String.format(Locale.ROOT, "%,d", cost.steps()));
        });
    out.printf(
        Locale.ROOT,
        "%d points, %d replicas, %d done; %s%n",
        seeds.size(),
        replicas.size(),
        replicas.size() - missing.size(),
        toDo(plan, missing, pace, resources(experiment, engines)));
    if (!experiment.probes().isEmpty()) {
      out.println(
          experiment.probes().stream()
              .map(probe -> probe.kind().name() + ", " + probe.kind().summary())
              .collect(Collectors.joining("; ", "then measured, in addition: ", "")));
    }
  }

  /** What the engine computes on, where workers are stated on no more than those. */
  private Resources resources(Experiment experiment, EngineRegistry engines) {
    Resources all = engines.resources(arguments.engine(experiment));
    Integer stated = experiment.workers();
    return stated == null ? all : new Resources(Math.min(stated, all.count()), all.gpus());
  }

  /** What training {@code missing} takes. */
  static String toDo(
      Plan plan, List<Replica> missing, EngineRegistry.Pace pace, Resources resources) {
    List<Stack> stacks =
        Stack.pack(plan, missing, pace.stackSize(), resources.gpus() ? resources.count() : 1);
    double seconds = 0;
    long steps = 0;
    for (Stack stack : stacks) {
      Cost each = plan.cost(stack.replicas().getFirst().point());
      int count = stack.replicas().size();
      steps += count * each.steps();
      seconds += each.steps() * pace.secondsPerStep();
      seconds += count * each.multiplyAdds() / pace.multiplyAddsPerSecond();
    }
    return String.format(
        Locale.ROOT,
        "%,d steps to do%s, about %s on %s (%s)",
        steps,
        pace.stackSize() == 1 ? "" : " in %d stacks".formatted(stacks.size()),
        SweepDisplay.duration(seconds / resources.count()),
        resources.words(),
        pace.words());
  }
}
