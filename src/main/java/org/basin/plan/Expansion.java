package org.basin.plan;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.basin.config.Assignment;
import org.basin.config.Axis;
import org.basin.config.Experiment;
import org.basin.config.Sweep;
import org.jspecify.annotations.Nullable;

/**
 * A sweep's combinations: (product of the grid's axes, the first slowest) x (rows of the zip) x
 * (entries of the list), without the excluded ones.
 */
final class Expansion {
  private Expansion() {}

  /**
   * The combinations of {@code experiment}, each what the sweep assigns to one point.
   *
   * @throws org.basin.InvalidInputException when there are more replicas than allowed (found
   *     without building them) or none, or when an exclusion matches nothing
   */
  static List<List<Assignment>> of(Experiment experiment) {
    Sweep sweep = experiment.sweep();
    checkCount(experiment);
    List<List<Assignment>> combinations = List.of(List.of());
    for (Axis axis : sweep.grid()) {
      combinations = cross(combinations, axis.values().stream().map(List::of).toList());
    }
    if (!sweep.zip().isEmpty()) {
      combinations = cross(combinations, rows(sweep.zip()));
    }
    if (!sweep.list().isEmpty()) {
      combinations = cross(combinations, sweep.list());
    }
    return withoutExcluded(experiment, combinations);
  }

  private static void checkCount(Experiment experiment) {
    Sweep sweep = experiment.sweep();
    BigInteger count = BigInteger.valueOf(experiment.seeds().size());
    for (Axis axis : sweep.grid()) {
      count = count.multiply(BigInteger.valueOf(axis.values().size()));
    }
    if (!sweep.zip().isEmpty()) {
      count = count.multiply(BigInteger.valueOf(sweep.zip().getFirst().values().size()));
    }
    if (!sweep.list().isEmpty()) {
      count = count.multiply(BigInteger.valueOf(sweep.list().size()));
    }
    if (count.compareTo(BigInteger.valueOf(Experiment.MAX_REPLICAS)) > 0) {
      throw sweep
          .where()
          .problem(
              "sweep has %d replicas%s, allowed: up to %d"
                  .formatted(
                      count,
                      sweep.exclude().isEmpty() ? "" : " before exclude",
                      Experiment.MAX_REPLICAS));
    }
  }

  private static List<List<Assignment>> cross(
      List<List<Assignment>> slow, List<List<Assignment>> fast) {
    List<List<Assignment>> product = new ArrayList<>(slow.size() * fast.size());
    for (List<Assignment> head : slow) {
      for (List<Assignment> tail : fast) {
        List<Assignment> both = new ArrayList<>(head);
        both.addAll(tail);
        product.add(both);
      }
    }
    return product;
  }

  private static List<List<Assignment>> rows(List<Axis> zip) {
    List<List<Assignment>> rows = new ArrayList<>();
    for (int row = 0; row < zip.getFirst().values().size(); row++) {
      int index = row;
      rows.add(zip.stream().map(axis -> axis.values().get(index)).toList());
    }
    return rows;
  }

  private static List<List<Assignment>> withoutExcluded(
      Experiment experiment, List<List<Assignment>> combinations) {
    List<Sweep.Exclusion> exclusions = experiment.sweep().exclude();
    Map<String, @Nullable Object> unvaried = new LinkedHashMap<>();
    for (Sweep.Exclusion exclusion : exclusions) {
      for (Assignment each : exclusion.settings()) {
        unvaried.computeIfAbsent(each.path(), experiment::value);
      }
    }
    Set<Sweep.Exclusion> matched = new HashSet<>();
    List<List<Assignment>> kept = new ArrayList<>();
    for (List<Assignment> combination : combinations) {
      Map<String, @Nullable Object> values = new LinkedHashMap<>(unvaried);
      combination.forEach(each -> values.put(each.path(), each.value()));
      boolean excluded = false;
      for (Sweep.Exclusion exclusion : exclusions) {
        if (exclusion.settings().stream()
            .allMatch(each -> Objects.equals(each.value(), values.get(each.path())))) {
          matched.add(exclusion);
          excluded = true;
        }
      }
      if (!excluded) {
        kept.add(combination);
      }
    }
    for (Sweep.Exclusion exclusion : exclusions) {
      if (!matched.contains(exclusion)) {
        throw exclusion
            .where()
            .problem("sweep.exclude has " + exclusion + ", which matches nothing in the sweep");
      }
    }
    if (kept.isEmpty()) {
      throw experiment
          .sweep()
          .where()
          .problem("sweep has 0 replicas: exclude matches every point, allowed: 1 or more");
    }
    return kept;
  }
}
