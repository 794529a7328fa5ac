package org.basin.cli;

import java.io.PrintWriter;
import org.basin.InvalidInputException;
import org.basin.config.Nearest;
import org.basin.store.Provenance;
import org.basin.train.EngineLostException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

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
      ProbeCommand.class,
      ConnectCommand.class,
      DataCommand.class,
      BenchCommand.class,
      VerifyCommand.class,
      DoctorCommand.class
    },
    footer = {
      "",
      "Exit codes: 0 all done; 1 internal failure; 2 bad usage or bad input, nothing written;",
      "3 some replicas or studies failed, diverged or are not there yet; 130, 143 interrupted."
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
    System.exit(execute(arguments));
  }

  /** Runs a command and returns its exit code. */
  static int execute(String... arguments) {
    return execute(commandLine(), arguments);
  }

  /** As {@link #execute(String...)}, printing to {@code out} and {@code err}. */
  static int execute(PrintWriter out, PrintWriter err, String... arguments) {
    return execute(commandLine().setOut(out).setErr(err), arguments);
  }

  private static int execute(CommandLine basin, String... arguments) {
    int code = basin.execute(arguments);
    basin.getOut().flush();
    basin.getErr().flush();
    return code;
  }

  private static CommandLine commandLine() {
    CommandLine basin = new CommandLine(new Basin());
    basin.setCaseInsensitiveEnumValuesAllowed(true);
    basin.setExecutionExceptionHandler(Basin::explain);
    basin.setParameterExceptionHandler(Basin::explain);
    return basin;
  }

  private static int explain(
      Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
    if (failure instanceof InvalidInputException) {
      command.getErr().println("basin: " + failure.getMessage());
      return BAD_INPUT;
    }
    if (failure instanceof EngineLostException) {
      command.getErr().println("basin: " + failure.getMessage());
      return INCOMPLETE;
    }
    command.getErr().println("basin: internal failure: " + failure);
    LOG.error("internal failure in basin {}", String.join(" ", parsed.originalArgs()), failure);
    return INTERNAL_FAILURE;
  }

  private static int explain(ParameterException misuse, String[] arguments) {
    CommandLine command = misuse.getCommandLine();
    String problem =
        misuse instanceof UnmatchedArgumentException unmatched
            ? unknown(command.getCommandSpec(), unmatched.getUnmatched().getFirst())
            : misuse.getMessage();
    command
        .getErr()
        .printf("basin: %s; see %s --help%n", problem, command.getCommandSpec().qualifiedName());
    return BAD_INPUT;
  }

  private static String unknown(CommandSpec command, String argument) {
    boolean option = argument.startsWith("-");
    if (!option && command.subcommands().isEmpty()) {
      return "'" + argument + "' is one argument too many";
    }
    String name = argument.replaceFirst("=.*", "");
    String near =
        Nearest.to(name, option ? command.optionsMap().keySet() : command.subcommands().keySet());
    return "%s has no %s '%s'%s"
        .formatted(
            command.qualifiedName(),
            option ? "option" : "command",
            name,
            near == null ? "" : ", did you mean " + near + "?");
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
