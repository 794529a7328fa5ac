package org.basin.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.basin.InvalidInputException;
import org.basin.store.CompletedReplica;
import org.basin.store.CompletedRun;
import org.basin.store.ResultsTable;
import org.basin.store.RunFolder;
import org.basin.store.WholeFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code basin collect}: one table of what is done, of one run or of several. */
@Command(
    name = "collect",
    description = "Write results.csv of what is done in one run, or one table of several runs.",
    mixinStandardHelpOptions = true)
final class CollectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(arity = "1..*", paramLabel = "RUN", description = "Run folders.")
  private List<Path> directories = new ArrayList<>();

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "The table; default RUN/results.csv, needed for several runs.")
  private @Nullable Path out;

  @Override
  public Integer call() {
    if (out == null && directories.size() > 1) {
      throw new InvalidInputException(
          "--out is missing; allowed for several runs: the file to write");
    }
    Set<String> varying = new LinkedHashSet<>();
    List<CompletedReplica> replicas = new ArrayList<>();
    for (Path directory : directories) {
      CompletedRun run = RunReading.of(RunFolder.open(directory));
      varying.addAll(run.varying());
      replicas.addAll(run.replicas());
    }
    Path file = out != null ? out : directories.get(0).resolve("results.csv");
    WholeFile.write(file, ResultsTable.csv(List.copyOf(varying), replicas));
    spec.commandLine().getOut().println(replicas.size() + " replicas: " + file);
    return Basin.DONE;
  }
}
