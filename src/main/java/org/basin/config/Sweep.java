package org.basin.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What an experiment varies: (product of the grid's axes) x (rows of the zip) x (entries of the
 * list), without what an exclusion matches.
 *
 * @param grid axes that are crossed; the first varies slowest
 * @param zip axes of equal length that vary together
 * @param list explicit combinations
 * @param exclude combinations left out: those that have all settings of any entry
 * @param where where the sweep was written
 */
public record Sweep(
    List<Axis> grid,
    List<Axis> zip,
    List<List<Assignment>> list,
    List<Exclusion> exclude,
    Location where) {

  private static final List<String> KEYS = List.of("grid", "zip", "list", "exclude");

  /**
   * An entry of {@code exclude}.
   *
   * @param settings what a point must have, all of it, to be left out
   * @param where where it was written
   */
  public record Exclusion(List<Assignment> settings, Location where) {
    @Override
    public String toString() {
      return settings.stream().map(Assignment::toString).collect(Collectors.joining(", "));
    }
  }

  /** Copies the lists. */
  public Sweep {
    grid = List.copyOf(grid);
    zip = List.copyOf(zip);
    list = list.stream().map(List::copyOf).toList();
    exclude = List.copyOf(exclude);
  }

  /** The settings that vary: those of the grid, of the zip, of the list, each in file order. */
  public List<String> varying() {
    Set<String> paths = new LinkedHashSet<>();
    grid.forEach(axis -> paths.add(axis.path()));
    zip.forEach(axis -> paths.add(axis.path()));
    list.forEach(entry -> entry.forEach(setting -> paths.add(setting.path())));
    return List.copyOf(paths);
  }

  /**
   * Reads the {@code sweep} of a file.
   *
   * @param node what is given; null for nothing
   * @param whole where to place a sweep that is not given
   * @throws org.basin.InvalidInputException naming file, line and axis of what cannot be used
   */
  static Sweep read(@Nullable Node node, Location whole) {
    if (node == null) {
      return new Sweep(List.of(), List.of(), List.of(), List.of(), whole);
    }
    Node.Mapping sweep = mapping("sweep", node);
    sweep
        .entries()
        .forEach(
            (key, entry) -> {
              if (!KEYS.contains(key)) {
                String near = Nearest.to(key, KEYS);
                throw entry
                    .where()
                    .problem(
                        "sweep.%s is not a kind of sweep; %s"
                            .formatted(
                                key,
                                near == null
                                    ? "allowed: " + String.join(", ", KEYS)
                                    : "did you mean sweep." + near + "?"));
              }
            });
    List<Axis> grid = axes("sweep.grid", sweep.given("grid"));
    for (Axis axis : grid) {
      checkDistinct("sweep.grid." + axis.path(), axis.values());
    }
    List<Axis> zip = axes("sweep.zip", sweep.given("zip"));
    checkEqualLengths(zip);
    List<List<Assignment>> list = new ArrayList<>();
    for (Node entry : entries("sweep.list", sweep.given("list"))) {
      list.add(assignments("an entry of sweep.list", entry));
    }
    checkOneAxisEach(grid, zip, list);
    List<Exclusion> exclude = new ArrayList<>();
    for (Node entry : entries("sweep.exclude", sweep.given("exclude"))) {
      exclude.add(new Exclusion(assignments("an entry of sweep.exclude", entry), entry.where()));
    }
    return new Sweep(grid, zip, list, exclude, sweep.where());
  }

  private static Node.Mapping mapping(String name, Node node) {
    if (node instanceof Node.Mapping mapping) {
      return mapping;
    }
    throw node.where()
        .problem(name + " is " + node.shown() + ", allowed: settings and values, as 'key: value'");
  }

  private static List<Axis> axes(String name, @Nullable Node node) {
    List<Axis> axes = new ArrayList<>();
    if (node == null) {
      return axes;
    }
    mapping(name, node)
        .entries()
        .forEach(
            (path, entry) -> {
              SettingType type = Settings.type(path, entry.where());
              List<Assignment> values = new ArrayList<>();
              for (Node value : values(name + "." + path, entry.value())) {
                values.add(new Assignment(path, type.convert(path, value), value.where()));
              }
              axes.add(new Axis(path, values, entry.where()));
            });
    return axes;
  }

  private static List<Node> values(String name, Node node) {
    if (!(node instanceof Node.Sequence sequence)) {
      throw node.where().problem(name + " is " + node.shown() + ", allowed: a list of values");
    }
    if (sequence.items().isEmpty()) {
      throw node.where().problem(name + " has no values, allowed: a list of one or more");
    }
    return sequence.items();
  }

  private static List<Node> entries(String name, @Nullable Node node) {
    if (node == null) {
      return List.of();
    }
    return values(name, node);
  }

  private static List<Assignment> assignments(String name, Node node) {
    List<Assignment> assignments = new ArrayList<>();
    mapping(name, node)
        .entries()
        .forEach(
            (path, entry) -> {
              SettingType type = Settings.type(path, entry.where());
              Object value = type.convert(path, entry.value());
              assignments.add(new Assignment(path, value, entry.value().where()));
            });
    if (assignments.isEmpty()) {
      throw node.where().problem(name + " is empty, allowed: one setting or more");
    }
    return assignments;
  }

  private static void checkDistinct(String name, List<Assignment> values) {
    Set<@Nullable Object> seen = new HashSet<>();
    for (Assignment each : values) {
      if (!seen.add(each.value())) {
        throw each.where()
            .problem(name + " has the value " + SettingValue.text(each.value()) + " twice");
      }
    }
  }

  private static void checkEqualLengths(List<Axis> zip) {
    for (Axis axis : zip) {
      Axis first = zip.getFirst();
      if (axis.values().size() != first.values().size()) {
        throw axis.where()
            .problem(
                "sweep.zip pairs %s with %d values and %s with %d, allowed: equal lengths"
                    .formatted(
                        first.path(), first.values().size(), axis.path(), axis.values().size()));
      }
    }
  }

  private static void checkOneAxisEach(
      List<Axis> grid, List<Axis> zip, List<List<Assignment>> list) {
    Map<String, String> kinds = new HashMap<>();
    grid.forEach(axis -> kinds.put(axis.path(), "sweep.grid"));
    for (Axis axis : zip) {
      checkFree(kinds, axis.path(), "sweep.zip", axis.where());
      kinds.put(axis.path(), "sweep.zip");
    }
    for (List<Assignment> entry : list) {
      entry.forEach(setting -> checkFree(kinds, setting.path(), "sweep.list", setting.where()));
    }
  }

  private static void checkFree(
      Map<String, String> kinds, String path, String kind, Location where) {
    String other = kinds.get(path);
    if (other != null) {
      throw where.problem(
          "%s is on two axes, one of %s and one of %s; allowed: one".formatted(path, other, kind));
    }
  }
}
