package org.basin.report;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import org.basin.store.CompletedReplica;

/**
 * The granulated Kendall coefficient (Jiang et al. 2020, eq. 6 and 7): for every setting that
 * varies the mean of τ over groups of networks that differ in nothing else, the seed included, and
 * the mean over settings. A measure that merely follows one setting does not get far by it.
 *
 * @param settings ψ by setting, where there is a group with a τ
 * @param mean Ψ; NaN below two settings
 */
record Granulated(SequencedMap<String, Double> settings, double mean) {

  /** A replica with its measure and its gap. */
  record Pair(CompletedReplica replica, double x, double y) {}

  /** Of these pairs. */
  static Granulated of(List<Pair> pairs) {
    SequencedMap<String, Double> settings = new LinkedHashMap<>();
    List<String> keys = axes(pairs);
    for (String key : keys) {
      Map<String, List<Pair>> groups = new TreeMap<>();
      for (Pair pair : pairs) {
        StringBuilder others = new StringBuilder().append(pair.replica().result().seed());
        for (String other : keys) {
          if (!other.equals(key)) {
            others.append('\n').append(pair.replica().varying().getOrDefault(other, ""));
          }
        }
        groups.computeIfAbsent(others.toString(), _ -> new ArrayList<>()).add(pair);
      }
      double mean =
          groups.values().stream()
              .mapToDouble(
                  group ->
                      KendallTau.of(
                          group.stream().mapToDouble(Pair::x).toArray(),
                          group.stream().mapToDouble(Pair::y).toArray()))
              .filter(Double::isFinite)
              .average()
              .orElse(Double.NaN);
      if (Double.isFinite(mean)) {
        settings.put(key, mean);
      }
    }
    double mean =
        settings.values().stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    return new Granulated(settings, settings.size() < 2 ? Double.NaN : mean);
  }

  /** Settings that vary; of those that vary only together, as zipped ones do, the first. */
  private static List<String> axes(List<Pair> pairs) {
    List<String> axes = new ArrayList<>();
    if (pairs.isEmpty()) {
      return axes;
    }
    for (String key : pairs.getFirst().replica().varying().keySet()) {
      int values = combinations(pairs, List.of(key));
      boolean isNew = values > 1;
      for (String before : axes) {
        isNew &=
            combinations(pairs, List.of(before, key)) > values
                || combinations(pairs, List.of(before)) != values;
      }
      if (isNew) {
        axes.add(key);
      }
    }
    return axes;
  }

  private static int combinations(List<Pair> pairs, List<String> keys) {
    Set<List<String>> seen = new HashSet<>();
    for (Pair pair : pairs) {
      seen.add(keys.stream().map(key -> pair.replica().varying().getOrDefault(key, "")).toList());
    }
    return seen.size();
  }
}
