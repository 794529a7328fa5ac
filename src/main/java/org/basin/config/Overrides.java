package org.basin.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Applies {@code --set path=value} to an experiment's tree. A value takes the setting off every
 * axis; a list of values makes it an axis of the grid (at its old place if it was one). Exclusions
 * that name a value which the setting no longer takes go with it.
 */
final class Overrides {
  private Overrides() {}

  /** {@code group} with {@code override}, {@code option=value}, applied. */
  static Node.Mapping applyToGroup(Node.Mapping group, String override) {
    Location where = Location.ofOverride(override);
    int equals = override.indexOf('=');
    if (equals < 1) {
      throw where.problem("is no override, allowed: option=value");
    }
    return group.with(
        override.substring(0, equals).strip(),
        YamlReader.readValue(override.substring(equals + 1), where));
  }

  /** {@code root} with {@code override} applied. */
  static Node.Mapping apply(Node.Mapping root, String override) {
    Location where = Location.ofOverride(override);
    int equals = override.indexOf('=');
    if (equals < 1) {
      throw where.problem("is no override, allowed: path=value");
    }
    String path = override.substring(0, equals).strip();
    Node value = YamlReader.readValue(override.substring(equals + 1), where);
    if (path.startsWith(ProbesSection.KEY + ".")) {
      Node stated = root.given(ProbesSection.KEY);
      Node.Mapping probes =
          stated == null ? Node.Mapping.empty(where) : ProbesSection.grouped(stated);
      String option = path.substring(ProbesSection.KEY.length() + 1);
      return root.with(ProbesSection.KEY, probes.withAt(option, value));
    }
    if (path.startsWith(StudiesSection.KEY + ".")) {
      String option = path.substring(StudiesSection.KEY.length() + 1);
      Node stated = root.given(StudiesSection.KEY);
      return root.with(StudiesSection.KEY, StudiesSection.with(stated, option, value));
    }
    if (Experiment.OVERRIDABLE.contains(path)) {
      return root.with(path, value);
    }
    SettingType type = Settings.typeOfOverridden(path, where);
    List<Node> axis = axis(type, value);
    Node.Mapping sweep = root.given("sweep") instanceof Node.Mapping s ? s : null;
    if (axis == null) {
      Node.Mapping changed = root.withAt(path, value);
      if (sweep == null) {
        return changed;
      }
      Object kept =
          value.isNull() ? Settings.value(ReplicaConfig.DEFAULTS, path) : type.convert(path, value);
      List<@Nullable Object> values = new ArrayList<>();
      values.add(kept);
      return withSweep(changed, withoutAxis(sweep, type, path, values, false));
    }
    List<@Nullable Object> values = new ArrayList<>();
    axis.forEach(each -> values.add(type.convert(path, each)));
    Node.Mapping rest =
        sweep == null ? Node.Mapping.empty(where) : withoutAxis(sweep, type, path, values, true);
    Node.Mapping grid =
        rest.given("grid") instanceof Node.Mapping g ? g : Node.Mapping.empty(where);
    return root.with("sweep", rest.with("grid", grid.with(path, value)));
  }

  /** The values of the axis that {@code value} stands for; null when it is one value. */
  private static @Nullable List<Node> axis(SettingType type, Node value) {
    if (!(value instanceof Node.Sequence sequence)) {
      return null;
    }
    boolean listOfLists =
        !sequence.items().isEmpty() && sequence.items().getFirst() instanceof Node.Sequence;
    return !type.isList() || listOfLists ? sequence.items() : null;
  }

  private static Node.Mapping withSweep(Node.Mapping root, Node.Mapping sweep) {
    return sweep.entries().isEmpty() ? root.without("sweep") : root.with("sweep", sweep);
  }

  /**
   * {@code sweep} without axes on {@code path}, and without exclusions of values other than {@code
   * values} of it.
   */
  private static Node.Mapping withoutAxis(
      Node.Mapping sweep,
      SettingType type,
      String path,
      List<@Nullable Object> values,
      boolean keepInGrid) {
    Node.Mapping rest = sweep;
    if (!keepInGrid && rest.given("grid") instanceof Node.Mapping grid) {
      rest = withOrWithout(rest, "grid", grid.without(path));
    }
    if (rest.given("zip") instanceof Node.Mapping zip) {
      rest = withOrWithout(rest, "zip", zip.without(path));
    }
    if (rest.given("list") instanceof Node.Sequence list) {
      List<Node> entries = new ArrayList<>();
      for (Node each : list.items()) {
        Node entry = each instanceof Node.Mapping settings ? settings.without(path) : each;
        if (!(entry instanceof Node.Mapping settings) || !settings.entries().isEmpty()) {
          entries.add(entry);
        }
      }
      rest = withOrWithout(rest, "list", new Node.Sequence(entries, list.where()));
    }
    if (rest.given("exclude") instanceof Node.Sequence exclude) {
      List<Node> entries = new ArrayList<>();
      for (Node each : exclude.items()) {
        Node excluded = each instanceof Node.Mapping settings ? settings.given(path) : null;
        if (excluded == null
            || values.stream().anyMatch(v -> Objects.equals(v, type.convert(path, excluded)))) {
          entries.add(each);
        }
      }
      rest = withOrWithout(rest, "exclude", new Node.Sequence(entries, exclude.where()));
    }
    return rest;
  }

  private static Node.Mapping withOrWithout(Node.Mapping sweep, String key, Node node) {
    boolean empty =
        switch (node) {
          case Node.Mapping mapping -> mapping.entries().isEmpty();
          case Node.Sequence sequence -> sequence.items().isEmpty();
          default -> false;
        };
    if (empty) {
      return sweep.without(key);
    }
    SequencedMap<String, Node.Entry> entries = new LinkedHashMap<>(sweep.entries());
    Location keyWhere = Objects.requireNonNull(entries.get(key)).where();
    entries.put(key, new Node.Entry(keyWhere, node));
    return new Node.Mapping(entries, sweep.where());
  }
}
