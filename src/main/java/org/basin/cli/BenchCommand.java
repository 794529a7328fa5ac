package org.basin.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.basin.InvalidInputException;
import org.basin.Machine;
import org.basin.bench.Benchmark;
import org.basin.bench.BenchmarkResult;
import org.basin.bench.EvaluationMeasurement;
import org.basin.bench.ProductMeasurement;
import org.basin.bench.TrainingMeasurement;
import org.basin.engine.EngineRegistry;
import org.basin.engine.Resources;
import org.basin.store.WholeFile;
import org.basin.train.ObjectiveEngine;
import org.basin.train.TrainingEngine;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code basin bench}: says what a step costs here, and so what a sweep will. */
@Command(
    name = "bench",
    description = "Measure what training and evaluating cost here, width by width.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "The network is 40-w-w-10 with ReLU; a step is Nesterov's on 128 examples of MNIST-1D, an",
      "evaluation is the loss over 4,000. Replicas are trained as run trains them: one a core, or in",
      "stacks on GPUs. Times are wall time with all cores or GPUs at work, divided by the steps of all",
      "replicas (steps/s is its inverse): a sweep takes its steps (see basin plan) times us/step.",
      "Medians of 5 measurements after a warm-up; evaluations and the first epoch of every replica are",
      "not part of the time of its steps.",
      "GFLOP/s counts matrix products alone, two operations a multiply-add, for a batch of B:",
      "  step        2 B (3 (40 w + w^2 + 10 w) - 40 w)   forward, gradient, back but for layer 1",
      "  evaluation  2 B (40 w + w^2 + 10 w)",
      "  Hv          2 B (6 (40 w + w^2 + 10 w) - 4 40 w)   exact, 8 vectors at once, a vector's share",
      "sgemm is what matrix products reach on the same, measured in between: by OpenBLAS on all cores at",
      "once, the better of 128 x w x w and 512 x 512 x 512; or in the engine's precision by cuBLAS on",
      "the first GPU, times their number, the better of a stack's 128 x w x w in one call and 4,096 x",
      "4,096 x 4,096. Hv runs on all cores, or one GPU."
    })
final class BenchCommand implements Callable<Integer> {
  private static final int MAX_REPLICAS = 4096;
  private static final double MAX_SECONDS = 3600;
  private static final double QUIET = 0.9;
  private static final int SWEEP_STEPS = 1_000_000;
  private static final int REPLICAS_A_GPU = 64;

  @Spec private CommandSpec spec;

  @Mixin private EngineArguments arguments;

  @Option(
      names = "--widths",
      paramLabel = "W",
      split = ",",
      description = "Widths to measure; default 8,64,256,1024.")
  private List<Integer> widths = List.of(8, 64, 256, 1024);

  @Option(
      names = "--replicas",
      paramLabel = "R",
      description = "Networks a measurement; default two a core, or 64 a GPU.")
  private @Nullable Integer replicas;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description =
          "Time to measure for, a width and table, after half as long to warm up; default 2.")
  private double seconds = 2;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the figures to FILE too.")
  private @Nullable Path json;

  @Override
  public Integer call() throws InterruptedException {
    check();
    PrintWriter out = spec.commandLine().getOut();
    EngineRegistry engines = arguments.registry();
    try (TrainingEngine engine = engines.open(arguments.name())) {
      String name = engine.description().name();
      Resources resources = engines.resources(name);
      Benchmark benchmark =
          new Benchmark(
              engine,
              (m, n, k, batch, time) -> EngineRegistry.matrixGflops(engine, m, n, k, batch, time),
              resources,
              replicas != null ? replicas : defaultReplicas(resources),
              seconds);
      BenchmarkResult.MeasuredMachine machine = benchmark.machine();
      out.printf(
          Locale.ROOT,
          "engine %s (%s, %s), %s, %s%n%n",
          machine.engine(),
          machine.details(),
          machine.precision(),
          machine.device(),
          resources.words());
      List<TrainingMeasurement> training = new ArrayList<>();
      header(out, "training", "us/step", "1,000,000 steps", "steps/s");
      for (int width : widths) {
        TrainingMeasurement row = benchmark.training(width);
        training.add(row);
        out.printf(
            Locale.ROOT,
            "%-10s %6d %9d %12s %9.1f %9.1f %6.0f%% %16s %,12.0f%n",
            "",
            row.width(),
            row.replicas(),
            micros(row.microsPerReplicaStep()),
            row.gflops(),
            row.sgemmGflops(),
            100 * row.shareOfSgemm(),
            SweepDisplay.duration(row.microsPerReplicaStep() * 1e-6 * SWEEP_STEPS),
            row.replicaStepsPerSecond());
        out.flush();
      }
      out.println();
      List<EvaluationMeasurement> evaluations = new ArrayList<>();
      header(out, "evaluation", "us/loss", "examples");
      for (int width : widths) {
        EvaluationMeasurement row = benchmark.evaluation(width);
        evaluations.add(row);
        out.printf(
            Locale.ROOT,
            "%-10s %6d %9d %12s %9.1f %9.1f %6.0f%% %,16d%n",
            "",
            row.width(),
            row.replicas(),
            micros(row.microsPerEvaluation()),
            row.gflops(),
            row.sgemmGflops(),
            100 * row.shareOfSgemm(),
            row.examples());
        out.flush();
      }
      out.println();
      List<ProductMeasurement> products = products(engines, name, benchmark, out);
      if (benchmark.leastShareOfCores() < QUIET) {
        out.printf(
            Locale.ROOT,
            "The machine was busy: workers had as little as %.0f%% of a core, so times are too long.%n",
            100 * benchmark.leastShareOfCores());
      }
      out.println("What is counted and how: basin bench --help.");
      if (json != null) {
        WholeFile.write(
            json, new BenchmarkResult(machine, training, evaluations, products).toJson());
      }
    }
    return Basin.DONE;
  }

  /** Hessian-vector products, where the engine answers them. */
  private List<ProductMeasurement> products(
      EngineRegistry engines, String engineName, Benchmark benchmark, PrintWriter out)
      throws InterruptedException {
    List<ProductMeasurement> products = new ArrayList<>();
    if (!engines.answersObjectives(engineName)) {
      out.println("Hessian-vector products: engine " + engineName + " only trains.");
      return products;
    }
    header(out, "Hv", "us/product", "examples");
    try (ObjectiveEngine objectives = engines.openObjectives(engineName, Machine.cores())) {
      for (int width : widths) {
        ProductMeasurement row = benchmark.products(objectives, width);
        products.add(row);
        out.printf(
            Locale.ROOT,
            "%-10s %6d %9s %12s %9.1f %9.1f %6.0f%% %,16d%n",
            "",
            row.width(),
            "1",
            micros(row.microsPerProduct()),
            row.gflops(),
            row.sgemmGflops(),
            100 * row.shareOfSgemm(),
            row.examples());
        out.flush();
      }
    }
    out.println();
    return products;
  }

  private static int defaultReplicas(Resources resources) {
    int most = resources.gpus() ? REPLICAS_A_GPU * resources.count() : 2 * resources.count();
    return Math.min(most, MAX_REPLICAS);
  }

  /** Microseconds, of few with their hundredths. */
  private static String micros(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.1f", value);
  }

  private static void header(PrintWriter out, String what, String time, String... last) {
    out.printf(
        Locale.ROOT,
        "%-10s %6s %9s %12s %9s %9s %7s %16s%s%n",
        what,
        "width",
        "replicas",
        time,
        "GFLOP/s",
        "sgemm",
        "share",
        last[0],
        last.length > 1 ? String.format("%13s", last[1]) : "");
    out.flush();
  }

  /** Refuses before anything is measured. */
  private void check() {
    for (int width : widths) {
      require(
          width >= 1 && width <= Benchmark.MAX_WIDTH,
          "--widths has " + width + ", allowed: whole numbers from 1 to " + Benchmark.MAX_WIDTH);
    }
    require(
        replicas == null || (replicas >= 1 && replicas <= MAX_REPLICAS),
        "--replicas is " + replicas + ", allowed: a whole number from 1 to " + MAX_REPLICAS);
    require(
        seconds > 0 && seconds <= MAX_SECONDS,
        "--seconds is " + seconds + ", allowed: a number above 0, up to " + MAX_SECONDS);
    if (json != null) {
      Path folder = json.toAbsolutePath().getParent();
      require(
          folder != null && Files.isDirectory(folder) && !Files.isDirectory(json),
          "--json is " + json + ", allowed: a file in a folder that exists");
    }
  }

  private static void require(boolean holds, String problem) {
    if (!holds) {
      throw new InvalidInputException(problem);
    }
  }
}
