package org.basin.cli;

import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.basin.report.HtmlReport;
import org.basin.store.CompletedRun;
import org.basin.store.RunFolder;
import org.basin.store.WholeFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code basin report}: draws the report of what is done. */
@Command(
    name = "report",
    description = "Draw the report of a run, complete or not.",
    mixinStandardHelpOptions = true)
final class ReportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "RUN", description = "The run folder.")
  private Path directory = Path.of("");

  @Option(names = "--out", paramLabel = "FILE", description = "Default RUN/report.html.")
  private @Nullable Path out;

  @Override
  public Integer call() {
    RunFolder run = RunFolder.open(directory);
    Path report = write(RunReading.of(run), out != null ? out : run.reportFile());
    spec.commandLine().getOut().println("report: " + report);
    return Basin.DONE;
  }

  /** Writes the report of {@code run} and returns its path. */
  static Path write(CompletedRun run, Path file) {
    WholeFile.write(
        file,
        stream -> {
          Writer page = new OutputStreamWriter(stream, StandardCharsets.UTF_8);
          HtmlReport.write(run, page);
          page.flush();
        });
    return file;
  }
}
