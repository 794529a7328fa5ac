package org.basin.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** A YAML document as it was written: every value knows its place. Immutable. */
sealed interface Node {
  /** Longest part of a text that a message shows. */
  int MAX_SHOWN = 60;

  /** Where the value begins. */
  Location where();

  /** How a message shows the value. */
  String shown();

  /** Whether this is YAML's null. */
  default boolean isNull() {
    return false;
  }

  /**
   * A number, text, boolean or null.
   *
   * @param value as YAML 1.2's core schema types it: {@code BigInteger}, {@code Double}, {@code
   *     Boolean}, {@code String} or null
   * @param text as it was written, quotes aside
   * @param where its place
   */
  record Scalar(@Nullable Object value, String text, Location where) implements Node {
    @Override
    public String shown() {
      if (value == null) {
        return "null";
      }
      String start = text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) + "..." : text;
      return value instanceof String ? "'" + start + "'" : start;
    }

    @Override
    public boolean isNull() {
      return value == null;
    }
  }

  /** A list. */
  record Sequence(List<Node> items, Location where) implements Node {
    public Sequence {
      items = List.copyOf(items);
    }

    @Override
    public String shown() {
      return "a list";
    }
  }

  /**
   * A key of a mapping and what it maps to.
   *
   * @param where place of the key
   * @param value what it maps to
   */
  record Entry(Location where, Node value) {}

  /** Keys and values, in the order they were written. */
  record Mapping(SequencedMap<String, Entry> entries, Location where) implements Node {
    /** A mapping without entries. */
    static Mapping empty(Location where) {
      return new Mapping(new LinkedHashMap<>(), where);
    }

    @Override
    public String shown() {
      return "a group of settings";
    }

    /** The value under {@code key}; null when there is none, or YAML's null. */
    @Nullable Node given(String key) {
      Entry entry = entries.get(key);
      return entry == null || entry.value().isNull() ? null : entry.value();
    }

    /** The value under a dotted path; null when there is none, or YAML's null. */
    @Nullable Node givenAt(String path) {
      Node node = this;
      for (String key : path.split("\\.", -1)) {
        node = node instanceof Mapping mapping ? mapping.given(key) : null;
        if (node == null) {
          return null;
        }
      }
      return node;
    }

    /** This mapping with {@code value} under {@code key}, at its old place if it had one. */
    Mapping with(String key, Node value) {
      SequencedMap<String, Entry> changed = new LinkedHashMap<>(entries);
      changed.put(key, new Entry(value.where(), value));
      return new Mapping(changed, where);
    }

    /** This mapping with {@code value} under a dotted path; missing groups are made. */
    Mapping withAt(String path, Node value) {
      int dot = path.indexOf('.');
      if (dot < 0) {
        return with(path, value);
      }
      String head = path.substring(0, dot);
      Mapping group =
          given(head) instanceof Mapping present ? present : Mapping.empty(value.where());
      Mapping changedGroup = group.withAt(path.substring(dot + 1), value);
      SequencedMap<String, Entry> changed = new LinkedHashMap<>(entries);
      Entry old = entries.get(head);
      changed.put(head, new Entry(old == null ? value.where() : old.where(), changedGroup));
      return new Mapping(changed, where);
    }

    /** This mapping without {@code key}. */
    Mapping without(String key) {
      SequencedMap<String, Entry> changed = new LinkedHashMap<>(entries);
      changed.remove(key);
      return new Mapping(changed, where);
    }

    /**
     * This mapping laid over {@code base}: groups are merged, everything else replaces. A section
     * left empty over a group is as if it was not given.
     */
    Mapping over(Mapping base) {
      SequencedMap<String, Entry> merged = new LinkedHashMap<>(base.entries);
      for (Map.Entry<String, Entry> mine : entries.entrySet()) {
        Entry entry = mine.getValue();
        Node below = base.given(mine.getKey());
        if (below instanceof Mapping group && entry.value() instanceof Mapping top) {
          entry = new Entry(entry.where(), top.over(group));
        } else if (below instanceof Mapping && entry.value().isNull()) {
          continue;
        }
        merged.put(mine.getKey(), entry);
      }
      return new Mapping(merged, where);
    }
  }

  /**
   * A value that is converted already.
   *
   * @param value of its setting's type
   * @param where its place
   */
  record Converted(@Nullable Object value, Location where) implements Node {
    @Override
    public String shown() {
      return SettingValue.text(value);
    }

    // A converted null is a value: the axis said so.
  }
}
