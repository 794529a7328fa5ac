package org.basin.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.basin.InvalidInputException;

/**
 * A section of an experiment that is a list of names, each with its options where it has any, or a
 * group of them.
 *
 * @param key of the section
 * @param noun what a name stands for, e.g. {@code probe}
 * @param known the names of all that there are
 */
record NamedOptions(String key, String noun, List<String> known) {

  /** The section as a group, name by name, in whichever form it was written. */
  Node.Mapping grouped(Node node) {
    if (node instanceof Node.Mapping mapping) {
      return mapping;
    }
    if (!(node instanceof Node.Sequence sequence)) {
      throw node.where()
          .problem(
              "%s is %s, allowed: a list of %s: %s"
                  .formatted(key, node.shown(), key, String.join(", ", known)));
    }
    SequencedMap<String, Node.Entry> entries = new LinkedHashMap<>();
    for (Node item : sequence.items()) {
      if (item instanceof Node.Scalar name && name.value() != null) {
        add(entries, name.text(), new Node.Entry(item.where(), Node.Mapping.empty(item.where())));
      } else if (item instanceof Node.Mapping mapping) {
        mapping.entries().forEach((name, entry) -> add(entries, name, entry));
      } else {
        throw item.where()
            .problem(
                "%s has %s, allowed: a %s's name, or name: {options}"
                    .formatted(key, item.shown(), noun));
      }
    }
    return new Node.Mapping(entries, node.where());
  }

  private void add(SequencedMap<String, Node.Entry> entries, String name, Node.Entry entry) {
    if (entries.putIfAbsent(name, entry) != null) {
      throw entry.where().problem(key + " has " + name + " twice");
    }
  }

  /** The options of {@code name}, which may be none. */
  Node.Mapping options(String name, Node.Entry entry) {
    if (entry.value() instanceof Node.Mapping mapping) {
      return mapping;
    }
    if (entry.value().isNull()) {
      return Node.Mapping.empty(entry.where());
    }
    throw entry
        .value()
        .where()
        .problem(
            "%s is %s, allowed: a group of options"
                .formatted(RecordBinder.join(key, name), entry.value().shown()));
  }

  /** Says that there is no {@code name}, the nearest that there is, and all that there are. */
  InvalidInputException unknown(String name, Location where) {
    String near = Nearest.to(name, known);
    return where.problem(
        "there is no %s '%s'%s; allowed: %s"
            .formatted(
                noun,
                name,
                near == null ? "" : ", did you mean " + near + "?",
                String.join(", ", known)));
  }

  /**
   * Checks that options are among those {@code allowed}.
   *
   * @param name whose they are
   */
  void check(String name, Node.Mapping options, List<String> allowed) {
    options
        .entries()
        .forEach(
            (option, entry) -> {
              if (!allowed.contains(option)) {
                String near = Nearest.to(option, allowed);
                throw entry
                    .where()
                    .problem(
                        "%s is not an option of the %s; %s"
                            .formatted(
                                RecordBinder.join(RecordBinder.join(key, name), option),
                                noun,
                                near == null
                                    ? "allowed: " + String.join(", ", allowed)
                                    : "did you mean " + near + "?"));
              }
            });
  }

  /** The names of a record's options. */
  static List<String> names(Class<?> options) {
    return RecordShape.of(options).components().stream().map(RecordShape.Component::name).toList();
  }
}
