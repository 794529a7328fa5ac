package org.basin.config;

import java.util.ArrayList;
import java.util.List;
import org.basin.theory.StudyCatalog;
import org.basin.theory.StudyKind;
import org.basin.theory.StudyRequest;
import org.jspecify.annotations.Nullable;

/**
 * The {@code studies} of an experiment: a list of names, each with its options where it has any, or
 * a group of them. A name is a study's, or a label with the study as its {@code kind}.
 *
 * <pre>
 * studies: [saddle-escape, {wells: {kind: stationary-points, function: cosine-wells}}]
 *
 * studies:
 *   saddle-escape: {runs: 500}
 *   wells: {kind: stationary-points, function: cosine-wells, seed: 2}
 * </pre>
 */
final class StudiesSection {
  /** Its key in an experiment. */
  static final String KEY = "studies";

  private static final NamedOptions SECTION = new NamedOptions(KEY, "study", StudyCatalog.names());
  private static final String KIND = "kind";
  private static final String SEED = "seed";

  private StudiesSection() {}

  /**
   * The studies of an experiment.
   *
   * @param node what is given; null for nothing
   * @throws org.basin.InvalidInputException naming file, line and what is allowed
   */
  static List<StudyRequest> read(@Nullable Node node) {
    List<StudyRequest> requests = new ArrayList<>();
    if (node != null) {
      SECTION
          .grouped(node)
          .entries()
          .forEach((label, entry) -> requests.add(request(label, entry)));
    }
    return List.copyOf(requests);
  }

  /**
   * The section with an option changed.
   *
   * @param node the section; null for none
   * @param path {@code label.option}; a label may have dots where it is stated
   */
  static Node.Mapping with(@Nullable Node node, String path, Node value) {
    Node.Mapping studies = node == null ? Node.Mapping.empty(value.where()) : SECTION.grouped(node);
    for (String label : studies.entries().keySet()) {
      if (label.contains(".") && path.startsWith(label + ".")) {
        Node.Mapping options =
            studies.given(label) instanceof Node.Mapping stated
                ? stated
                : Node.Mapping.empty(value.where());
        return studies.with(label, options.withAt(path.substring(label.length() + 1), value));
      }
    }
    return studies.withAt(path, value);
  }

  private static StudyRequest request(String label, Node.Entry entry) {
    if (!label.matches("[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")) {
      throw entry
          .where()
          .problem(
              "%s has the label '%s', allowed: up to 100 letters, digits, -, _ and ., the first no"
                      .formatted(KEY, label)
                  + " - or .");
    }
    Node.Mapping given = SECTION.options(label, entry);
    StudyKind<?> kind = kind(label, entry.where(), given.given(KIND));
    List<String> allowed = new ArrayList<>(List.of(KIND, SEED));
    allowed.addAll(NamedOptions.names(kind.options()));
    SECTION.check(label, given, allowed);
    String path = RecordBinder.join(KEY, label);
    Node seed = given.given(SEED);
    long seedValue = 1;
    if (seed != null
        && new SettingType(long.class, false).convert(RecordBinder.join(path, SEED), seed)
            instanceof Long stated) {
      seedValue = stated;
    }
    return new StudyRequest(
        label,
        kind,
        RecordBinder.bind(kind.options(), given.without(KIND).without(SEED), path),
        seedValue);
  }

  private static StudyKind<?> kind(String label, Location where, @Nullable Node stated) {
    if (stated != null && !(stated instanceof Node.Scalar)) {
      throw stated
          .where()
          .problem(
              "%s.%s.%s is %s, allowed: %s"
                  .formatted(
                      KEY, label, KIND, stated.shown(), String.join(", ", StudyCatalog.names())));
    }
    String name = stated instanceof Node.Scalar scalar ? scalar.text() : label;
    StudyKind<?> kind = StudyCatalog.find(name);
    if (kind == null) {
      throw SECTION.unknown(name, stated == null ? where : stated.where());
    }
    return kind;
  }
}
