package org.basin.config;

import java.util.ArrayList;
import java.util.List;
import org.basin.landscape.BetweenNetworks;
import org.basin.landscape.NormalizationStatistics;
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

  private static final NamedOptions SECTION = new NamedOptions(KEY, "probe", ProbeCatalog.names());

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
    return SECTION.grouped(node);
  }

  private static ProbeRequest request(String name, Node.Entry entry) {
    ProbeKind<?> kind = ProbeCatalog.find(name);
    if (kind == null) {
      throw SECTION.unknown(name, entry.where());
    }
    String path = RecordBinder.join(KEY, name);
    Node.Mapping given = SECTION.options(name, entry);
    List<String> shared = NamedOptions.names(ProbeConditions.class);
    List<String> allowed = new ArrayList<>(NamedOptions.names(kind.options()));
    allowed.addAll(shared);
    boolean betweenNetworks = BetweenNetworks.class.isAssignableFrom(kind.options());
    Node everySteps = given.given("everySteps");
    if (everySteps != null && !everySteps.isNull() && betweenNetworks) {
      throw everySteps
          .where()
          .problem(
              "%s.everySteps is %s, but two networks are compared after their training; allowed:"
                      .formatted(path, everySteps.shown())
                  + " null");
    }
    if (everySteps != null && RepeatsTraining.class.isAssignableFrom(kind.options())) {
      throw everySteps
          .where()
          .problem(
              "%s.everySteps is %s, but the probe looks at the training itself; allowed: null, and"
                      .formatted(path, everySteps.shown())
                  + " every for how often it looks");
    }
    SECTION.check(name, given, allowed);
    Node.Mapping conditions = Node.Mapping.empty(given.where());
    if (betweenNetworks) {
      conditions =
          conditions.with(
              "batchNorm", new Node.Converted(NormalizationStatistics.RECALIBRATED, given.where()));
    }
    Node.Mapping options = Node.Mapping.empty(given.where());
    for (var option : given.entries().entrySet()) {
      String key = option.getKey();
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
}
