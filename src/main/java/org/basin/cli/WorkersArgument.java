package org.basin.cli;

import static org.basin.config.Experiment.MAX_WORKERS;

import org.basin.InvalidInputException;
import org.basin.config.Experiment;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The argument that says how much is done at once, shared by commands on an experiment. */
final class WorkersArgument {
  @Option(
      names = "--workers",
      paramLabel = "N",
      description =
          "Stacks of replicas, studies, or networks measured, at once, in place of the file's;"
              + " default one a core, or two stacks a GPU.")
  private @Nullable Integer workers;

  /**
   * What the command line says, or else the file; null where neither does.
   *
   * @throws InvalidInputException when the command line says what is not allowed
   */
  @Nullable Integer stated(Experiment experiment) {
    if (workers != null && (workers < 1 || workers > MAX_WORKERS)) {
      throw new InvalidInputException(
          "--workers is %d, allowed: a whole number from 1 to %d".formatted(workers, MAX_WORKERS));
    }
    return workers != null ? workers : experiment.workers();
  }
}
