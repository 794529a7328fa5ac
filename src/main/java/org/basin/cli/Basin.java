package org.basin.cli;

import java.io.PrintWriter;
import java.util.List;
import org.basin.InvalidInputException;
import org.basin.store.Provenance;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line: {@code basin COMMAND}. */
@Command(
    name = "basin",
    description = "What does width do to the loss landscape of a neural network?",
    mixinStandardHelpOptions = true,
    versionProvider = Basin.Version.class,
    subcommands = {
      RunCommand.class,
      PlanCommand.class,
      StatusCommand.class,
      CollectCommand.class,
      ReportCommand.class,
      DataCommand.class,
      DoctorCommand.class
    },
    footer = {
      "",
      "Exit codes: 0 all done; 1 internal failure; 2 bad usage or bad input, nothing written;",
      "3 some replicas failed or diverged, the rest are there; 130, 143 interrupted, resumable."
    })
public final class Basin implements Runnable {
  /** All is done. */
  static final int DONE = 0;

  /** Something that should not happen. */
  static final int INTERNAL_FAILURE = 1;

  /** Bad usage or bad input. */
  static final int BAD_INPUT = 2;

  /** Some replicas failed or diverged. */
  static final int INCOMPLETE = 3;

  private static final Logger LOG = LoggerFactory.getLogger(Basin.class);

  @Spec private CommandSpec spec;

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    int code = execute(arguments);
    Interruption.leave();
    System.exit(code);
  }

  /** Runs a command and returns its exit code. */
  static int execute(String... arguments) {
    CommandLine basin = new CommandLine(new Basin());
    basin.setCaseInsensitiveEnumValuesAllowed(true);
    basin.setExecutionExceptionHandler(Basin::explain);
    basin.setParameterExceptionHandler(Basin::explain);
    return basin.execute(arguments);
  }

  private static int explain(
      Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
    if (failure instanceof InvalidInputException) {
      command.getErr().println("basin: " + failure.getMessage());
      return BAD_INPUT;
    }
    command.getErr().println("basin: internal failure: " + failure);
    LOG.error("internal failure in basin {}", String.join(" ", parsed.originalArgs()), failure);
    return INTERNAL_FAILURE;
  }

  private static int explain(ParameterException misuse, String[] arguments) {
    CommandLine command = misuse.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("basin: " + misuse.getMessage());
    List<String> near =
        CommandLine.UnmatchedArgumentException.class.isInstance(misuse)
            ? ((CommandLine.UnmatchedArgumentException) misuse).getSuggestions()
            : List.of();
    if (!near.isEmpty()) {
      err.println("basin: did you mean " + String.join(" or ", near) + "?");
    }
    err.println("basin: see " + command.getCommandSpec().qualifiedName() + " --help");
    return BAD_INPUT;
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** Prints the version of the jar. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"basin " + Provenance.version()};
    }
  }
}
