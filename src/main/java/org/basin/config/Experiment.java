package org.basin.config;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.LongStream;
import org.basin.InvalidInputException;
import org.basin.landscape.ProbeRequest;
import org.basin.theory.StudyRequest;
import org.basin.train.Devices;
import org.basin.train.EngineOptions;
import org.basin.train.Precision;
import org.jspecify.annotations.Nullable;

/**
 * An experiment file, read and checked: what is varied, over which seeds, and every setting that is
 * not. Values that only a combination can show to be wrong are found by {@link #resolve}.
 */
public final class Experiment {
  /** Most seeds, and most replicas, of a sweep. */
  public static final int MAX_REPLICAS = 100_000;

  /** Keys beside the settings that {@code --set} can change. */
  static final List<String> OVERRIDABLE =
      List.of(
          "name",
          "description",
          "seeds",
          "engine",
          "device",
          "precision",
          "workers",
          ProbesSection.KEY,
          StudiesSection.KEY);

  private static final List<String> GROUPS = List.of("data", "model", "training");

  private static final List<String> KEYS =
      List.of(
          "name",
          "description",
          "extends",
          "data",
          "model",
          "training",
          "seeds",
          "sweep",
          ProbesSection.KEY,
          StudiesSection.KEY,
          "engine",
          "device",
          "precision",
          "workers");

  /** An experiment with studies and none of these trains nothing. */
  private static final List<String> OF_TRAINING =
      List.of("data", "model", "training", "seeds", "sweep", ProbesSection.KEY);

  /** Most workers. */
  public static final int MAX_WORKERS = 4096;

  private final Location where;
  private final Node.Mapping root;
  private final Node.Mapping settings;
  private final String name;
  private final String description;
  private final List<Long> seeds;
  private final Sweep sweep;
  private final List<ProbeRequest> probes;
  private final List<StudyRequest> studies;
  private final String engine;
  private final EngineOptions engineOptions;
  private final @Nullable Integer workers;

  private Experiment(Node.Mapping root, Location where) {
    this.where = where;
    this.root = root;
    checkKeys(root);
    name = name(root, where);
    description = text(root, "description", "").strip();
    seeds = seeds(root.given("seeds"));
    engine = text(root, "engine", "auto");
    engineOptions = engineOptions(root);
    workers = workers(root.given("workers"));
    sweep = Sweep.read(root.given("sweep"), where);
    probes = ProbesSection.read(root.given(ProbesSection.KEY));
    studies = StudiesSection.read(root.given(StudiesSection.KEY));
    SequencedMap<String, Node.Entry> groups = new LinkedHashMap<>(root.entries());
    groups.keySet().retainAll(GROUPS);
    settings = new Node.Mapping(groups, root.where());
  }

  /**
   * Reads an experiment file.
   *
   * @param file the file
   * @param overrides what {@code --set} was given, each {@code path=value}, applied in order
   * @throws InvalidInputException naming file and line (or the override), what is wrong and what is
   *     allowed
   */
  public static Experiment read(Path file, List<String> overrides) {
    Location where = Location.of(file);
    Node.Mapping root = YamlReader.readFile(file);
    checkKeys(root);
    Node base = root.given("extends");
    if (base != null) {
      root = extend(file, root, base);
    }
    for (String override : overrides) {
      root = Overrides.apply(root, override);
    }
    return new Experiment(root, where);
  }

  private static Node.Mapping extend(Path file, Node.Mapping root, Node base) {
    if (!(base instanceof Node.Scalar scalar) || !(scalar.value() instanceof String path)) {
      throw base.where().problem("extends is " + base.shown() + ", allowed: the path of a file");
    }
    Path parent = file.getParent();
    Path baseFile = base.where().path(parent == null ? Path.of("") : parent, path);
    if (!baseFile.toFile().isFile()) {
      throw base.where().problem("extends " + path + ", but there is no file " + baseFile);
    }
    Node.Mapping below = YamlReader.readFile(baseFile);
    checkKeys(below);
    Node again = below.given("extends");
    if (again != null) {
      throw again
          .where()
          .problem(
              "extends is not allowed here: " + file + " extends this file; allowed: one level");
    }
    Node.Mapping withoutWhole = below;
    for (String whole : List.of("sweep", "seeds", ProbesSection.KEY, StudiesSection.KEY)) {
      if (root.given(whole) != null) {
        withoutWhole = withoutWhole.without(whole);
      }
    }
    return root.without("extends").over(withoutWhole.without("extends"));
  }

  private static void checkKeys(Node.Mapping root) {
    root.entries()
        .forEach(
            (key, entry) -> {
              if (!KEYS.contains(key)) {
                throw entry.where().problem(Settings.unknown("", key, KEYS));
              }
            });
  }

  private static String name(Node.Mapping root, Location where) {
    if (root.given("name") == null) {
      throw where.problem("name is missing, allowed: letters, digits, -, _ and .");
    }
    String name = text(root, "name", "");
    if (!name.matches("[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")) {
      throw Objects.requireNonNull(root.given("name"))
          .where()
          .problem(
              "name is '"
                  + name
                  + "', allowed: up to 100 letters, digits, -, _ and ., the first no - or .");
    }
    return name;
  }

  private static String text(Node.Mapping root, String key, String otherwise) {
    Node node = root.given(key);
    if (node == null) {
      return otherwise;
    }
    if (node instanceof Node.Scalar scalar) {
      return scalar.text();
    }
    throw node.where().problem(key + " is " + node.shown() + ", allowed: text");
  }

  private static EngineOptions engineOptions(Node.Mapping root) {
    return new EngineOptions(
        stated(root, "device", Devices.class, EngineOptions.DEFAULTS.devices()),
        stated(root, "precision", Precision.class, EngineOptions.DEFAULTS.precision()));
  }

  private static <T> T stated(Node.Mapping root, String key, Class<T> type, T otherwise) {
    Node node = root.given(key);
    Object value = node == null ? null : new SettingType(type, false).convert(key, node);
    return value == null ? otherwise : type.cast(value);
  }

  private static @Nullable Integer workers(@Nullable Node node) {
    if (node == null) {
      return null;
    }
    if (new SettingType(int.class, true).convert("workers", node) instanceof Integer count
        && count >= 1
        && count <= MAX_WORKERS) {
      return count;
    }
    throw node.where()
        .problem(
            "workers is %s, allowed: a whole number from 1 to %d, or null"
                .formatted(node.shown(), MAX_WORKERS));
  }

  private static List<Long> seeds(@Nullable Node node) {
    if (node == null) {
      return List.of(1L);
    }
    if (node instanceof Node.Scalar scalar && scalar.value() instanceof BigInteger count) {
      if (count.signum() < 1 || count.compareTo(BigInteger.valueOf(MAX_REPLICAS)) > 0) {
        throw node.where()
            .problem(
                "seeds is %d, allowed: a count from 1 to %d, or a list of seeds"
                    .formatted(count, MAX_REPLICAS));
      }
      return LongStream.rangeClosed(1, count.longValue()).boxed().toList();
    }
    if (!(node instanceof Node.Sequence sequence) || sequence.items().isEmpty()) {
      String shown = node instanceof Node.Sequence ? "an empty list" : node.shown();
      throw node.where()
          .problem(
              "seeds is %s, allowed: a count from 1 to %d, or a list of seeds"
                  .formatted(shown, MAX_REPLICAS));
    }
    SettingType type = new SettingType(long.class, false);
    List<Long> seeds = new ArrayList<>();
    Set<Long> seen = new HashSet<>();
    for (Node each : sequence.items()) {
      if (!(type.convert("seeds", each) instanceof Long seed)) {
        throw each.where().problem("seeds has " + each.shown() + ", allowed: whole numbers");
      }
      if (!seen.add(seed)) {
        throw each.where().problem("seeds has " + seed + " twice");
      }
      seeds.add(seed);
    }
    return List.copyOf(seeds);
  }

  /** The file, for messages about the experiment as a whole. */
  public Location where() {
    return where;
  }

  /** Folder of the file, absolute. */
  public Path directory() {
    return where.folder();
  }

  /** The run folder's name. */
  public String name() {
    return name;
  }

  /** What the experiment shows; may be empty. */
  public String description() {
    return description;
  }

  /** Root seeds of every point's replicas, distinct, at least one. */
  public List<Long> seeds() {
    return seeds;
  }

  /** What is varied. */
  public Sweep sweep() {
    return sweep;
  }

  /** What is measured of every trained network. */
  public List<ProbeRequest> probes() {
    return probes;
  }

  /** What is studied beside networks. */
  public List<StudyRequest> studies() {
    return studies;
  }

  /** Whether there are replicas: a file that states studies and nothing of networks has none. */
  public boolean trains() {
    return studies.isEmpty() || OF_TRAINING.stream().anyMatch(key -> root.given(key) != null);
  }

  /**
   * One probe as this experiment states it, or with its defaults where it does not.
   *
   * @param name the probe
   * @param overrides what {@code --set} was given, each {@code option=value}, applied in order
   * @throws InvalidInputException when there is no such probe or option
   */
  public ProbeRequest probe(String name, List<String> overrides) {
    Node stated = root.given(ProbesSection.KEY);
    Node given = stated == null ? null : ProbesSection.grouped(stated).given(name);
    Location place = Location.ofOption("--probe " + name);
    Node.Mapping options =
        given instanceof Node.Mapping mapping ? mapping : Node.Mapping.empty(place);
    for (String override : overrides) {
      options = Overrides.applyToGroup(options, override);
    }
    return ProbesSection.read(Node.Mapping.empty(place).with(name, options)).getFirst();
  }

  /** Name of the engine, or {@code auto}. */
  public String engine() {
    return engine;
  }

  /** How the engine computes. */
  public EngineOptions engineOptions() {
    return engineOptions;
  }

  /** Stacks of replicas trained at once; null for as many as suit the engine. */
  public @Nullable Integer workers() {
    return workers;
  }

  /** The value of the setting {@code path} where no axis changes it: given, or the default. */
  public @Nullable Object value(String path) {
    Node given = settings.givenAt(path);
    return given == null
        ? Settings.value(ReplicaConfig.DEFAULTS, path)
        : Settings.type(path, given.where()).convert(path, given);
  }

  /** Where the setting {@code path} was given beside the sweep; null when it was not. */
  public @Nullable Location where(String path) {
    Node given = settings.givenAt(path);
    return given == null ? null : given.where();
  }

  /**
   * The configuration of one point.
   *
   * @param assignments what the sweep gives the point
   * @throws InvalidInputException when a value is not allowed, naming where it was written
   */
  public ReplicaConfig resolve(List<Assignment> assignments) {
    Node.Mapping resolved = settings;
    for (Assignment each : assignments) {
      resolved = resolved.withAt(each.path(), new Node.Converted(each.value(), each.where()));
    }
    ReplicaConfig config = RecordBinder.bind(ReplicaConfig.class, resolved, "");
    Node hidden = resolved.givenAt("model.hidden");
    if (hidden != null && !config.model().hidden().isEmpty()) {
      for (String other : List.of("model.width", "model.depth")) {
        if (resolved.givenAt(other) != null) {
          throw hidden
              .where()
              .problem("model.hidden and %s are both given, allowed: one of them".formatted(other));
        }
      }
    }
    return config;
  }

  /**
   * The experiment as one file that stands alone and means the same anywhere on this machine: what
   * it extends merged in, overrides applied, paths absolute.
   */
  public String toYaml() {
    Node.Mapping ordered = Node.Mapping.empty(root.where());
    for (String key : KEYS) {
      Node given = root.given(key);
      if (given != null) {
        ordered = ordered.with(key, given);
      }
    }
    return YamlWriter.write(ordered);
  }
}
