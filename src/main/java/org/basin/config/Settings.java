package org.basin.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.basin.config.RecordShape.Component;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a replica by their dotted paths, e.g. {@code training.optimizer.learningRate}:
 * what can be overridden, and what a sweep can vary.
 */
public final class Settings {
  /** Settings that name a file or folder: relative to the file that states them. */
  static final Set<String> FILES =
      Set.of("data.csv.path", "data.csv.testPath", "data.idx.directory");

  private static final Map<String, List<Component>> BY_PATH = new LinkedHashMap<>();

  static {
    collect(ReplicaConfig.class, "", List.of());
  }

  private Settings() {}

  private static void collect(Class<?> type, String path, List<Component> way) {
    for (Component component : RecordShape.of(type).components()) {
      String name = RecordBinder.join(path, component.name());
      List<Component> here = new ArrayList<>(way);
      here.add(component);
      if (component.setting() == null) {
        collect(component.type(), name, here);
      } else {
        BY_PATH.put(name, here);
      }
    }
  }

  /** Paths of all settings, in the order of the option records. */
  public static Collection<String> paths() {
    return Collections.unmodifiableSet(BY_PATH.keySet());
  }

  /** The value of the setting {@code path} in {@code config}. */
  public static @Nullable Object value(ReplicaConfig config, String path) {
    List<Component> way = BY_PATH.get(path);
    if (way == null) {
      throw new IllegalArgumentException(path + " is not a setting");
    }
    Object value = config;
    for (Component component : way) {
      value = component.in(Objects.requireNonNull(value));
    }
    return value;
  }

  /**
   * The type of the setting {@code path}.
   *
   * @param where where the path was written
   * @throws org.basin.InvalidInputException when there is no such setting; names the nearest
   */
  static SettingType type(String path, Location where) {
    return type(path, where, false);
  }

  /** The type of the setting {@code path} of a {@code --set}, which takes other keys as well. */
  static SettingType typeOfOverridden(String path, Location where) {
    return type(path, where, true);
  }

  private static SettingType type(String path, Location where, boolean overridden) {
    List<Component> way = BY_PATH.get(path);
    SettingType type = way == null ? null : way.getLast().setting();
    if (type != null) {
      return type;
    }
    List<String> inside = BY_PATH.keySet().stream().filter(p -> p.startsWith(path + ".")).toList();
    if (!inside.isEmpty()) {
      throw where.problem(
          path + " is a group of settings; name one of them, e.g. " + inside.getFirst());
    }
    int dot = path.lastIndexOf('.');
    String group = dot < 0 ? "" : path.substring(0, dot);
    List<String> allowed = new ArrayList<>(keysOf(group));
    if (group.isEmpty() && overridden) {
      allowed.addAll(0, Experiment.OVERRIDABLE);
    }
    throw where.problem(unknown(group, path.substring(dot + 1), allowed));
  }

  private static List<String> keysOf(String group) {
    String start = group.isEmpty() ? "" : group + ".";
    return BY_PATH.keySet().stream()
        .filter(path -> path.startsWith(start))
        .map(path -> path.substring(start.length()).split("\\.", 2)[0])
        .distinct()
        .toList();
  }

  private static int dots(String path) {
    return (int) path.chars().filter(c -> c == '.').count();
  }

  /**
   * Says that {@code key} is not allowed in {@code group}, and what was probably meant: a key of
   * the group, a setting of that name elsewhere, or a path spelled nearly so; else what is allowed.
   */
  static String unknown(String group, String key, Collection<String> allowed) {
    String path = RecordBinder.join(group, key);
    if (BY_PATH.containsKey(path)) {
      return "%s is written as one key; allowed: a group in a group, %s"
          .formatted(path, path.replace(".", ": {") + ": ..." + "}".repeat(dots(path)));
    }
    String near = Nearest.to(key, allowed);
    if (near != null) {
      return "%s is not a setting; did you mean %s?"
          .formatted(path, RecordBinder.join(group, near));
    }
    for (String candidate : BY_PATH.keySet()) {
      if (candidate.substring(candidate.lastIndexOf('.') + 1).equalsIgnoreCase(key)) {
        return "%s is not a setting; did you mean %s?".formatted(path, candidate);
      }
    }
    String nearPath = Nearest.to(path, BY_PATH.keySet());
    if (nearPath != null) {
      return "%s is not a setting; did you mean %s?".formatted(path, nearPath);
    }
    if (allowed.isEmpty()) {
      return path + " is not a setting";
    }
    return "%s is not a setting; allowed%s: %s"
        .formatted(path, group.isEmpty() ? "" : " in " + group, String.join(", ", allowed));
  }
}
