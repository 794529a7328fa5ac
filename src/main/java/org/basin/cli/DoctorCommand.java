package org.basin.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.basin.Machine;
import org.basin.data.DataHome;
import org.basin.engine.EngineRegistry;
import org.basin.engine.EngineStatus;
import org.basin.store.Provenance;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code basin doctor}: what there is, in a form that can be pasted into a bug report. */
@Command(
    name = "doctor",
    description = "Say what this machine has and which engines can be used on it, and why.",
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    line(out, "basin", Provenance.version());
    line(out, "java", System.getProperty("java.vendor") + " " + Runtime.version());
    line(out, "system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    line(out, "processor", Machine.processor() + ", " + Machine.cores() + " cores");
    double gibibytes = Runtime.getRuntime().maxMemory() / (double) (1 << 30);
    line(out, "heap", String.format(Locale.ROOT, "up to %.1f GiB", gibibytes));
    line(out, "OpenMP", "OMP_NUM_THREADS=" + System.getenv().getOrDefault("OMP_NUM_THREADS", ""));
    line(out, "data", DataHome.path().toString());
    for (EngineStatus status : EngineRegistry.standard().statuses()) {
      String available = status.available() ? "available: " : "not available: ";
      line(out, "engine " + status.name(), available + status.reason());
    }
    return Basin.DONE;
  }

  private static void line(PrintWriter out, String what, String value) {
    out.printf(Locale.ROOT, "%-14s %s%n", what, value);
  }
}
