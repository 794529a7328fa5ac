package org.basin.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.basin.InvalidInputException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of a run: the experiment, its plan, its provenance, a folder a replica, the studies,
 * the tables.
 *
 * <pre>
 * experiment.yaml  plan.jsonl  provenance.json  &lt;point&gt;/seed=&lt;n&gt;/  studies/&lt;label&gt;.json
 * results.csv  studies.csv  report.html
 * </pre>
 */
public final class RunFolder {
  private static final Logger LOG = LoggerFactory.getLogger(RunFolder.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int PROVENANCE_VERSION = 1;
  private static final String EXPERIMENT = "experiment.yaml";
  private static final String PLAN = "plan.jsonl";
  private static final String PROVENANCE = "provenance.json";
  private static final String STUDIES = "studies";

  private final Path directory;

  private RunFolder(Path directory) {
    this.directory = directory;
  }

  /**
   * Opens the folder to train in, and makes it when it is not there.
   *
   * @param directory the folder
   * @param name the experiment's name
   * @param experimentYaml the experiment as it is run
   * @param planLines the plan, a JSON object a line
   * @throws InvalidInputException when the folder holds something else, or cannot be written; a
   *     folder that was not there is not there then either
   */
  public static RunFolder prepare(
      Path directory, String name, String experimentYaml, String planLines) {
    requireOwn(directory, name);
    // The plan first: where there is an experiment, there is a plan.
    SequencedMap<String, String> files = new LinkedHashMap<>();
    files.put(PLAN, planLines);
    files.put(EXPERIMENT, experimentYaml);
    write(directory, files);
    WholeFile.removeLeftovers(directory);
    return new RunFolder(directory);
  }

  /**
   * Writes {@code plan.jsonl} and nothing else, unless something was run in the folder already,
   * whose plan stays.
   *
   * @return whether the plan was written
   * @throws InvalidInputException as {@link #prepare}
   */
  public static boolean writePlan(Path directory, String name, String planLines) {
    requireOwn(directory, name);
    if (isStarted(directory)) {
      return false;
    }
    SequencedMap<String, String> files = new LinkedHashMap<>();
    files.put(PLAN, planLines);
    write(directory, files);
    return true;
  }

  /** Whether an experiment was run in {@code directory}. */
  private static boolean isStarted(Path directory) {
    return Files.exists(directory.resolve(EXPERIMENT));
  }

  /**
   * Opens the folder of the experiment {@code name} to see what is done.
   *
   * @return null when nothing was run there yet
   * @throws InvalidInputException when the folder holds something else
   */
  public static @Nullable RunFolder openIfStarted(Path directory, String name) {
    requireOwn(directory, name);
    return isStarted(directory) ? new RunFolder(directory) : null;
  }

  private static void requireOwn(Path directory, String name) {
    if (Files.exists(directory) && !Files.isDirectory(directory)) {
      throw new InvalidInputException(
          directory
              + " is not a folder; allowed for --out: a folder of this experiment, or none yet");
    }
    // Looked at first: a process that starts at the same time makes experiment.yaml before others.
    boolean foreign = holdsForeignFiles(directory);
    if (isStarted(directory)) {
      String held = nameIn(read(directory.resolve(EXPERIMENT)));
      if (!held.equals(name)) {
        throw new InvalidInputException(
            "%s holds another experiment, %s; allowed for --out: a folder of %s, or none yet"
                .formatted(directory, held, name));
      }
    } else if (foreign) {
      throw new InvalidInputException(
          directory
              + " holds files that are not a run's; allowed for --out: a folder of this experiment,"
              + " an empty one, or none yet");
    }
  }

  /** Writes the files, or takes back everything that was not there before. */
  private static void write(Path directory, SequencedMap<String, String> files) {
    Deque<Path> made = new ArrayDeque<>();
    for (Path folder = directory.toAbsolutePath();
        folder != null && !Files.exists(folder);
        folder = folder.getParent()) {
      made.addLast(folder);
    }
    boolean whole = false;
    try {
      Files.createDirectories(directory);
      files.forEach(
          (name, text) -> {
            Path file = directory.resolve(name);
            if (!Files.exists(file)) {
              made.addFirst(file);
            }
            WholeFile.write(file, text);
          });
      whole = true;
    } catch (IOException failure) {
      throw new InvalidInputException(
          "cannot make " + directory + ": " + WholeFile.reason(failure), failure);
    } finally {
      if (!whole) {
        made.forEach(RunFolder::removeIfPossible);
      }
    }
  }

  private static void removeIfPossible(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException failure) {
      LOG.debug("cannot remove {}", file, failure);
    }
  }

  /**
   * Opens a folder to read.
   *
   * @throws InvalidInputException when there is no run in it
   */
  public static RunFolder open(Path directory) {
    for (String file : List.of(EXPERIMENT, PLAN)) {
      if (!Files.isRegularFile(directory.resolve(file))) {
        throw new InvalidInputException(
            directory + " is not a run folder: it has no " + file + " (made by basin run)");
      }
    }
    return new RunFolder(directory);
  }

  /** Whether there is anything but a plan, or what a killed process left of plan or experiment. */
  private static boolean holdsForeignFiles(Path directory) {
    if (!Files.exists(directory)) {
      return false;
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .anyMatch(
              file ->
                  !file.equals(PLAN)
                      && !(file.endsWith(WholeFile.TEMPORARY_SUFFIX)
                          && (file.startsWith(PLAN) || file.startsWith(EXPERIMENT))));
    } catch (IOException failure) {
      throw new InvalidInputException(
          "cannot read " + directory + ": " + WholeFile.reason(failure), failure);
    }
  }

  /** The experiment's name, from the line {@code name: ...} that every experiment file has. */
  private static String nameIn(String yaml) {
    return yaml.lines()
        .filter(line -> line.startsWith("name:"))
        .map(line -> line.substring("name:".length()).strip().replaceAll("^[\"']|[\"']$", ""))
        .findFirst()
        .orElse("one without a name");
  }

  /** The folder's path. */
  public Path directory() {
    return directory;
  }

  /** The folder of a replica, by its path relative to this one. */
  public ReplicaFolder replica(String folder) {
    return new ReplicaFolder(directory.resolve(folder));
  }

  /** The file of the study that the experiment calls {@code label}. */
  public StudyFile study(String label) {
    return new StudyFile(directory.resolve(STUDIES), label);
  }

  /**
   * Claims the studies for this process.
   *
   * @return the claim, to be closed; null when another process holds it
   */
  public @Nullable Claim claimStudies() {
    Path folder = directory.resolve(STUDIES);
    Claim claim = Claim.tryTake(folder);
    if (claim != null) {
      WholeFile.removeLeftovers(folder);
    }
    return claim;
  }

  /**
   * Waits until no other process reads and rewrites the files that belong to the run as a whole.
   */
  public Claim claim() {
    return Claim.take(directory);
  }

  /**
   * Adds a session to {@code provenance.json}: one entry for each time that something was trained
   * here.
   */
  public void addSession(ObjectNode session) {
    try (Claim _ = claim()) {
      addTo(directory.resolve(PROVENANCE), session);
    }
  }

  private static void addTo(Path file, ObjectNode session) {
    ObjectNode provenance = JSON.createObjectNode();
    provenance.put("schemaVersion", PROVENANCE_VERSION);
    ArrayNode sessions = provenance.putArray("sessions");
    if (Files.exists(file)) {
      try {
        parse(file).path("sessions").forEach(sessions::add);
      } catch (InvalidInputException damaged) {
        LOG.warn("{}; starting it anew", damaged.getMessage());
      }
    }
    sessions.add(session);
    WholeFile.write(
        file,
        out -> out.write(JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(provenance)));
  }

  /** Writes {@code results.csv} and, where there are studies, {@code studies.csv}. */
  public void writeTables(CompletedRun run) {
    WholeFile.write(
        directory.resolve("results.csv"), ResultsTable.csv(run.varying(), run.replicas()));
    Path studies = directory.resolve("studies.csv");
    if (!run.studies().isEmpty()) {
      WholeFile.write(studies, StudiesTable.csv(run.studies()));
    } else if (Files.exists(studies)) {
      removeIfPossible(studies);
    }
  }

  /**
   * Reads everything that is done. A replica or a study whose files are damaged is left out, with a
   * warning, and so is a study that was done with other options.
   *
   * @param name name of the experiment
   * @param description what it shows
   * @param studies its studies by their labels; those that it no longer has are left out
   * @throws InvalidInputException when the plan is damaged
   */
  public CompletedRun load(
      String name, String description, SequencedMap<String, StudyIdentity> studies) {
    List<CompletedReplica> replicas = new ArrayList<>();
    List<String> varying = new ArrayList<>();
    Path plan = directory.resolve(PLAN);
    int planned = 0;
    for (String line : read(plan).lines().toList()) {
      planned++;
      JsonNode replica = parse(plan + ":" + planned, line);
      Map<String, String> settings = new LinkedHashMap<>();
      replica
          .path("varying")
          .properties()
          .forEach(setting -> settings.put(setting.getKey(), text(setting.getValue())));
      if (planned == 1) {
        varying.addAll(settings.keySet());
      }
      String folder = replica.path("folder").asText();
      ReplicaFolder files = replica(folder);
      if (files.hasResult()) {
        try {
          replicas.add(
              new CompletedReplica(
                  folder, settings, files.result(), files.history(), files.probes()));
        } catch (InvalidInputException damaged) {
          LOG.warn("left out {}: {}", folder, damaged.getMessage());
        }
      }
    }
    return new CompletedRun(
        directory,
        name,
        description,
        read(directory.resolve(EXPERIMENT)),
        provenance(),
        planned,
        List.copyOf(varying),
        ComparableProbes.of(replicas),
        studies(studies));
  }

  private List<StudyResult> studies(SequencedMap<String, StudyIdentity> identities) {
    List<StudyResult> results = new ArrayList<>();
    identities.forEach(
        (label, identity) -> {
          StudyFile file = study(label);
          if (file.exists()) {
            String difference = file.differenceFrom(identity);
            if (difference == null) {
              results.add(file.read());
            } else {
              LOG.warn("left out: {}", difference);
            }
          }
        });
    return List.copyOf(results);
  }

  /** {@code provenance.json}; nothing where it is missing or, with a warning, damaged. */
  private JsonNode provenance() {
    Path file = directory.resolve(PROVENANCE);
    if (Files.exists(file)) {
      try {
        return parse(file);
      } catch (InvalidInputException damaged) {
        LOG.warn("{}; left out", damaged.getMessage());
      }
    }
    return JSON.createObjectNode();
  }

  private static String text(JsonNode value) {
    return value.isValueNode() ? value.asText() : value.toString();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException failure) {
      throw new InvalidInputException(
          "cannot read " + file + ": " + WholeFile.reason(failure), failure);
    }
  }

  private static JsonNode parse(Path file) {
    return parse(file.toString(), read(file));
  }

  private static JsonNode parse(String where, String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException damaged) {
      throw ResultFile.damaged(where, damaged);
    }
  }

  /** Path of the experiment as it was run. */
  public Path experimentFile() {
    return directory.resolve(EXPERIMENT);
  }

  /** Path of the report. */
  public Path reportFile() {
    return directory.resolve("report.html");
  }
}
