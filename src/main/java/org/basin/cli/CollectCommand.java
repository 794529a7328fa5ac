package org.basin.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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
    description =
        "Write results.csv and studies.csv of what is done in one run, or one table of several runs.",
    mixinStandardHelpOptions = true)
final class CollectCommand implements Callable<Integer> {
  private static final String RUN = "run";

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
      throw new InvalidInputException("several runs need --out, the file to write their table to");
    }
    List<CompletedRun> runs =
        directories.stream().map(each -> RunReading.of(RunFolder.open(each))).toList();
    Set<String> varying = new LinkedHashSet<>();
    runs.forEach(run -> varying.addAll(run.varying()));
    List<String> columns = new ArrayList<>(varying);
    List<CompletedReplica> replicas = new ArrayList<>();
    if (runs.size() == 1) {
      replicas.addAll(runs.getFirst().replicas());
    } else {
      columns.addFirst(RUN);
      for (CompletedRun run : runs) {
        run.replicas().forEach(replica -> replicas.add(labelled(replica, run.name(), varying)));
      }
    }
    PrintWriter console = spec.commandLine().getOut();
    if (out != null) {
      WholeFile.write(out, ResultsTable.csv(columns, replicas));
      console.println(replicas.size() + " replicas: " + out);
      return Basin.DONE;
    }
    CompletedRun run = runs.getFirst();
    RunFolder.open(run.directory()).writeTables(run);
    console.println(replicas.size() + " replicas: " + run.directory().resolve("results.csv"));
    if (!run.studies().isEmpty()) {
      console.println(run.studies().size() + " studies: " + run.directory().resolve("studies.csv"));
    }
    return Basin.DONE;
  }

  /** The replica with its run's name, and with what varies in another run's sweep alone. */
  private static CompletedReplica labelled(
      CompletedReplica replica, String run, Set<String> varying) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put(RUN, run);
    for (String path : varying) {
      JsonNode stated = replica.result().config().at("/" + path.replace('.', '/'));
      String value = stated.isValueNode() ? stated.asText() : stated.toString();
      settings.put(path, replica.varying().getOrDefault(path, value));
    }
    return new CompletedReplica(
        replica.folder(), settings, replica.result(), replica.history(), replica.probes());
  }
}
