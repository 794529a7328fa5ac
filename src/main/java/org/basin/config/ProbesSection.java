package org.basin.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.basin.landscape.ProbeCatalog;
import org.basin.landscape.ProbeConditions;
import org.basin.landscape.ProbeKind;
import org.basin.landscape.ProbeRequest;
import org.basin.landscape.RepeatsTraining;
import org.jspecify.annotations.Nullable;

/**
 * The {@code probes} of an experiment: a list of names, each with its options where it has any, or
 * a group of them.
 *
 * <pre>
 * probes: [hessian, sharpness]
 *
 * probes:
 *   - hessian: {largest: 20, objective: plain}
 *   - sharpness
 * </pre>
 */
final class ProbesSection {
  /** Its key in an experiment. */
  static final String KEY = "probes";

  private ProbesSection() {}

  /**
   * The probes of an experiment, or of the command line.
   *
   * @param node what is given; null for nothing
   * @throws org.basin.InvalidInputException naming file, line and what is allowed
   */
  static List<ProbeRequest> read(@Nullable Node node) {
    List<ProbeRequest> requests = new ArrayList<>();
    if (node != null) {
      grouped(node).entries().forEach((name, entry) -> requests.add(request(name, entry)));
    }
    return List.copyOf(requests);
  }

  /** The section as a group, probe by probe, in whichever form it was written. */
  static Node.Mapping grouped(Node node) {
    if (node instanceof Node.Mapping mapping) {
      return mapping;
    }
    if (!(node instanceof Node.Sequence sequence)) {
      throw node.where()
          .problem(
              "%s is %s, allowed: a list of probes: %s"
                  .formatted(KEY, node.shown(), String.join(", ", ProbeCatalog.names())));
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
                KEY + " has " + item.shown() + ", allowed: a probe's name, or name: {options}");
      }
    }
    return new Node.Mapping(entries, node.where());
  }

  private static void add(SequencedMap<String, Node.Entry> entries, String name, Node.Entry entry) {
    if (entries.putIfAbsent(name, entry) != null) {
      throw entry.where().problem(KEY + " has " + name + " twice");
    }
  }

  private static ProbeRequest request(String name, Node.Entry entry) {
    ProbeKind<?> kind = ProbeCatalog.find(name);
    if (kind == null) {
      String near = Nearest.to(name, ProbeCatalog.names());
      throw entry
          .where()
          .problem(
              "there is no probe '%s'%s; allowed: %s"
                  .formatted(
                      name,
                      near == null ? "" : ", did you mean " + near + "?",
                      String.join(", ", ProbeCatalog.names())));
    }
    String path = RecordBinder.join(KEY, name);
    Node.Mapping given;
    if (entry.value() instanceof Node.Mapping mapping) {
      given = mapping;
    } else if (entry.value().isNull()) {
      given = Node.Mapping.empty(entry.where());
    } else {
      throw entry
          .value()
          .where()
          .problem(path + " is " + entry.value().shown() + ", allowed: a group of options");
    }
    List<String> shared = names(ProbeConditions.class);
    List<String> allowed = new ArrayList<>(names(kind.options()));
    allowed.addAll(shared);
    Node everySteps = given.given("everySteps");
    if (everySteps != null && RepeatsTraining.class.isAssignableFrom(kind.options())) {
      throw everySteps
          .where()
          .problem(
              "%s.everySteps is %s, but the probe looks at the training itself; allowed: null, and"
                      .formatted(path, everySteps.shown())
                  + " every for how often it looks");
    }
    Node.Mapping conditions = Node.Mapping.empty(given.where());
    Node.Mapping options = Node.Mapping.empty(given.where());
    for (var option : given.entries().entrySet()) {
      String key = option.getKey();
      if (!allowed.contains(key)) {
        String near = Nearest.to(key, allowed);
        throw option
            .getValue()
            .where()
            .problem(
                "%s is not an option of the probe; %s"
                    .formatted(
                        RecordBinder.join(path, key),
                        near == null
                            ? "allowed: " + String.join(", ", allowed)
                            : "did you mean " + near + "?"));
      }
      if (shared.contains(key)) {
        conditions = conditions.with(key, option.getValue().value());
      } else {
        options = options.with(key, option.getValue().value());
      }
    }
    return new ProbeRequest(
        kind,
        RecordBinder.bind(ProbeConditions.class, conditions, path),
        RecordBinder.bind(kind.options(), options, path));
  }

  private static List<String> names(Class<?> options) {
    return RecordShape.of(options).components().stream().map(RecordShape.Component::name).toList();
  }
}
