package org.basin.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.basin.InvalidInputException;
import org.basin.Machine;
import org.basin.engine.EngineParity;
import org.basin.engine.EngineRegistry;
import org.basin.execute.PublishedDoubleDescent;
import org.basin.measurement.Comparison;
import org.basin.measurement.Comparisons;
import org.basin.measurement.Measurement;
import org.basin.theory.StudyCatalog;
import org.basin.theory.StudyKind;
import org.basin.train.ObjectiveEngine;
import org.basin.train.Precision;
import org.basin.train.TrainingEngine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code basin verify}: checks with known answers, on the user's own machine and engine. */
@Command(
    name = "verify",
    description =
        "Check this machine and engine against known answers: the double-precision reference, a"
            + " published table, and what theory says of saddles and stationary points.",
    mixinStandardHelpOptions = true)
final class VerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private EngineArguments engine;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description =
          "Seed of the theory checks; default 1. An interval of 99 %% excludes the truth once in a"
              + " hundred.")
  private long seed = 1;

  private int checked;
  private int failed;

  @Override
  public Integer call() throws InterruptedException {
    if (engine.precision(Precision.FLOAT32) != Precision.FLOAT32) {
      throw new InvalidInputException(
          "--precision is tf32, whose rounding verify would take for errors; allowed: float32");
    }
    EngineRegistry engines = engine.registry();
    try (TrainingEngine training = engines.open(engine.name())) {
      String engineName = training.description().name();
      title("engine " + engineName + " against the double-precision reference");
      if (engines.answersObjectives(engineName)) {
        try (ObjectiveEngine objectives = engines.openObjectives(engineName, Machine.cores())) {
          EngineParity.ofObjectives(objectives).forEach(this::deviation);
        }
      }
      EngineParity.ofTraining(training).forEach(this::deviation);
      title("the published table of double descent on MNIST-1D, its cheap part");
      PublishedDoubleDescent.cheapPart(training).forEach(this::published);
    }
    StudyCatalog.STUDIES.forEach(this::study);
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "%n%d of %d checks passed%s%n",
        checked - failed,
        checked,
        failed == 0 ? "" : ", " + failed + " failed");
    out.flush();
    return failed == 0 ? Basin.DONE : Basin.INCOMPLETE;
  }

  private void title(String text) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf("%n%s%n", text);
    out.flush();
  }

  private void deviation(EngineParity.Deviation deviation) {
    line(
        deviation.holds(),
        String.format(
            Locale.ROOT,
            "%s: off by %.1e at most in %d cases, %.0e is allowed",
            deviation.quantity(),
            deviation.worst(),
            deviation.cases(),
            deviation.allowed()));
  }

  private void published(PublishedDoubleDescent.Result result) {
    line(
        result.holds(),
        String.format(
            Locale.ROOT,
            "test error at width %d, %s labels: %.2f %%, published %.2f %%, one seed each,"
                + " %.1f points are allowed",
            result.row().width(),
            result.noisy() ? "15 % redrawn" : "clean",
            result.testError(),
            result.row().published(result.noisy()),
            result.row().tolerance()));
  }

  private void study(StudyKind<?> kind) {
    title(kind.name());
    Measurement measured = kind.measure(kind.defaults(), new SplittableRandom(seed));
    if (measured.details() instanceof Comparisons all) {
      for (Comparison each : all.comparisons()) {
        boolean agrees =
            switch (each.verdict()) {
              case AGREES -> true;
              case DISAGREES, UNDECIDED -> false;
            };
        line(
            agrees,
            String.format(
                Locale.ROOT, "%s: %.6g, %s", each.quantity(), each.measured(), each.reason()));
      }
    }
  }

  private void line(boolean pass, String text) {
    checked++;
    failed += pass ? 0 : 1;
    PrintWriter out = spec.commandLine().getOut();
    out.println((pass ? "  pass  " : "  FAIL  ") + text);
    out.flush();
  }
}
