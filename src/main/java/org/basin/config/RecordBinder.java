package org.basin.config;

import java.util.ArrayList;
import java.util.List;
import org.basin.InvalidSettingException;
import org.basin.config.RecordShape.Component;
import org.jspecify.annotations.Nullable;

/**
 * Makes option records of YAML mappings: component names are the keys, what is not given comes from
 * the record's {@code DEFAULTS}, and whatever cannot be used is named with its place.
 */
final class RecordBinder {
  private RecordBinder() {}

  /**
   * Binds {@code mapping} to the record class {@code type}.
   *
   * @param mapping the settings given; null for none
   * @param path dotted path of the group, for messages; empty for the root
   * @throws org.basin.InvalidInputException naming file, line and path of what cannot be used
   */
  static <R extends Record> R bind(Class<R> type, Node.@Nullable Mapping mapping, String path) {
    return type.cast(bindAny(type, mapping, path));
  }

  private static Object bindAny(Class<?> type, Node.@Nullable Mapping mapping, String path) {
    RecordShape shape = RecordShape.of(type);
    if (mapping != null) {
      checkKeys(shape, mapping, path);
    }
    List<@Nullable Object> values = new ArrayList<>();
    for (Component component : shape.components()) {
      Node given = mapping == null ? null : mapping.given(component.name());
      values.add(given == null ? component.defaultValue() : value(component, given, path));
    }
    try {
      return shape.create(values.toArray());
    } catch (InvalidSettingException invalid) {
      throw place(mapping, invalid.key())
          .problem(join(path, invalid.key()) + " " + invalid.problem());
    }
  }

  private static @Nullable Object value(Component component, Node given, String path) {
    String name = join(path, component.name());
    SettingType setting = component.setting();
    if (setting != null) {
      return setting.convert(name, given);
    }
    if (given instanceof Node.Mapping group) {
      return bindAny(component.type(), group, name);
    }
    throw given
        .where()
        .problem(
            name
                + " is "
                + given.shown()
                + ", allowed: a group of settings: "
                + String.join(", ", names(RecordShape.of(component.type()))));
  }

  private static void checkKeys(RecordShape shape, Node.Mapping mapping, String path) {
    List<String> allowed = names(shape);
    mapping
        .entries()
        .forEach(
            (key, entry) -> {
              if (!allowed.contains(key)) {
                throw entry.where().problem(Settings.unknown(path, key, allowed));
              }
            });
  }

  private static List<String> names(RecordShape shape) {
    return shape.components().stream().map(Component::name).toList();
  }

  /** Where the setting at fault was given; when it was not, where its group begins. */
  private static Location place(Node.@Nullable Mapping mapping, String key) {
    if (mapping == null) {
      throw new IllegalStateException("the default of " + key + " is not allowed");
    }
    Node given = mapping.given(key);
    return given == null ? mapping.where() : given.where();
  }

  /** {@code path.key}; {@code key} alone at the root. */
  static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
