package org.basin.store;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.basin.Machine;
import org.basin.train.EngineDescription;
import org.jspecify.annotations.Nullable;

/** Where results come from: source, machine, engine, command. */
public final class Provenance {
  private Provenance() {}

  /**
   * One session of training or studies, as {@code provenance.json} keeps it.
   *
   * @param arguments the command line
   * @param home folder of Basin's checkout; null when it is not known
   * @param engine what trains; null for nothing
   */
  public static ObjectNode session(
      List<String> arguments, @Nullable Path home, @Nullable EngineDescription engine) {
    ObjectNode session = JsonNodeFactory.instance.objectNode();
    session.put("started", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    session.put("command", String.join(" ", arguments));
    ObjectNode basin = session.putObject("basin");
    basin.put("version", version());
    String commit = home == null ? null : git(home, "rev-parse", "HEAD");
    if (commit != null) {
      basin.put("commit", commit);
      String changes = git(home, "status", "--porcelain");
      basin.put("uncommittedChanges", changes != null && !changes.isEmpty());
    }
    if (engine != null) {
      ObjectNode trained = session.putObject("engine");
      trained.put("name", engine.name());
      trained.put("device", engine.device());
      trained.put("precision", engine.precision());
      trained.put("details", engine.details());
    }
    session.put("java", System.getProperty("java.vendor") + " " + Runtime.version());
    session.put(
        "system",
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch"));
    session.put("processor", Machine.processor());
    session.put("cores", Machine.cores());
    return session;
  }

  /** Basin's version. */
  public static String version() {
    String version = Provenance.class.getPackage().getImplementationVersion();
    return version != null ? version : "development";
  }

  /** What git prints; null where there is no git or no repository. */
  private static @Nullable String git(Path home, String... arguments) {
    List<String> command = new ArrayList<>(List.of("git", "-C", home.toString()));
    command.addAll(List.of(arguments));
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      process.getOutputStream().close();
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return process.waitFor() == 0 ? output : null;
    } catch (IOException noGit) {
      return null;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return null;
    }
  }
}
