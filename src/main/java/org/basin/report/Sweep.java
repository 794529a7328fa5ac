package org.basin.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.basin.store.CompletedReplica;
import org.basin.store.CompletedRun;

/**
 * The replicas of a run arranged for drawing: one axis, and one series for every combination of the
 * other settings that vary.
 *
 * @param axis width where it varies, otherwise the first setting that varies, numbers preferred
 * @param series in the plan's order
 */
record Sweep(SweepAxis axis, List<SweepSeries> series) {
  private static final Set<String> WIDTH_KEYS = Set.of("model.width", "width");
  private static final Set<String> HIDDEN_KEYS = Set.of("model.hidden", "hidden");

  /** Numbers that span at least this ratio stand on a logarithmic axis. */
  private static final double LOG_RATIO = 10;

  /** Arranges the replicas of {@code run} that are done. */
  static Sweep of(CompletedRun run) {
    List<List<CompletedReplica>> points = byPoint(run);
    List<String> keys =
        run.varying().stream().filter(key -> valuesOf(key, points).size() > 1).toList();
    if (keys.isEmpty()) {
      return withoutAxis(points);
    }
    SweepAxis axis = chooseAxis(keys, points);
    List<String> categories = List.copyOf(valuesOf(axis.key(), points));
    List<String> others =
        keys.stream()
            .filter(key -> !key.equals(axis.key()) && !followsFrom(key, axis.key(), points))
            .toList();

    Map<Map<String, String>, List<SweepPoint>> grouped = new LinkedHashMap<>();
    for (List<CompletedReplica> replicas : points) {
      Map<String, String> varying = replicas.getFirst().varying();
      Map<String, String> settings = new LinkedHashMap<>();
      for (String key : others) {
        settings.put(key, varying.getOrDefault(key, ""));
      }
      String label = varying.getOrDefault(axis.key(), "");
      double x =
          axis.isNumeric()
              ? numericValue(axis.key(), replicas.getFirst())
              : categories.indexOf(label);
      grouped
          .computeIfAbsent(settings, _ -> new ArrayList<>())
          .add(new SweepPoint(label, x, varying, replicas));
    }
    Map<String, String> names = shortNames(others);
    List<SweepSeries> series = new ArrayList<>();
    grouped.forEach(
        (settings, members) -> {
          members.sort(Comparator.comparingDouble(SweepPoint::x));
          series.add(new SweepSeries(label(settings, names), settings, List.copyOf(members)));
        });
    return new Sweep(axis, List.copyOf(series));
  }

  private static Sweep withoutAxis(List<List<CompletedReplica>> points) {
    SweepAxis axis = new SweepAxis("", "", SweepAxis.Scale.NONE);
    List<SweepPoint> members = new ArrayList<>();
    for (List<CompletedReplica> replicas : points) {
      members.add(new SweepPoint("", members.size(), replicas.getFirst().varying(), replicas));
    }
    return new Sweep(
        axis, points.isEmpty() ? List.of() : List.of(new SweepSeries("", Map.of(), members)));
  }

  private static List<List<CompletedReplica>> byPoint(CompletedRun run) {
    Map<String, List<CompletedReplica>> points = new LinkedHashMap<>();
    for (CompletedReplica replica : run.replicas()) {
      points.computeIfAbsent(replica.result().point(), _ -> new ArrayList<>()).add(replica);
    }
    return List.copyOf(points.values());
  }

  private static SweepAxis chooseAxis(List<String> keys, List<List<CompletedReplica>> points) {
    for (String key : keys) {
      if ((WIDTH_KEYS.contains(key) || HIDDEN_KEYS.contains(key)) && isNumeric(key, points)) {
        return new SweepAxis(key, "width", SweepAxis.Scale.LOG);
      }
    }
    for (String key : keys) {
      if (isNumeric(key, points)) {
        double least = Double.POSITIVE_INFINITY;
        double greatest = Double.NEGATIVE_INFINITY;
        for (List<CompletedReplica> point : points) {
          double value = numericValue(key, point.getFirst());
          least = Math.min(least, value);
          greatest = Math.max(greatest, value);
        }
        boolean log = least > 0 && greatest / least >= LOG_RATIO;
        return new SweepAxis(
            key, shortName(key), log ? SweepAxis.Scale.LOG : SweepAxis.Scale.LINEAR);
      }
    }
    return new SweepAxis(keys.getFirst(), shortName(keys.getFirst()), SweepAxis.Scale.CATEGORY);
  }

  /** Whether every value is a finite number, and different values are different numbers. */
  private static boolean isNumeric(String key, List<List<CompletedReplica>> points) {
    Map<Double, String> seen = new TreeMap<>();
    for (List<CompletedReplica> point : points) {
      double value = numericValue(key, point.getFirst());
      String text = point.getFirst().varying().getOrDefault(key, "");
      if (!Double.isFinite(value)) {
        return false;
      }
      String before = seen.putIfAbsent(value, text);
      if (before != null && !before.equals(text)) {
        return false;
      }
    }
    return true;
  }

  /** The value as a number, that of {@code hidden} being its widest layer; NaN when it is none. */
  private static double numericValue(String key, CompletedReplica replica) {
    if (HIDDEN_KEYS.contains(key)) {
      return replica.result().width();
    }
    try {
      return Double.parseDouble(replica.varying().getOrDefault(key, ""));
    } catch (NumberFormatException notANumber) {
      return Double.NaN;
    }
  }

  /** Whether {@code key} has one value for each value of {@code axis}, as zipped settings have. */
  private static boolean followsFrom(String key, String axis, List<List<CompletedReplica>> points) {
    Map<String, String> values = new LinkedHashMap<>();
    for (List<CompletedReplica> point : points) {
      Map<String, String> varying = point.getFirst().varying();
      String value = varying.getOrDefault(key, "");
      String before = values.putIfAbsent(varying.getOrDefault(axis, ""), value);
      if (before != null && !before.equals(value)) {
        return false;
      }
    }
    return true;
  }

  private static Set<String> valuesOf(String key, List<List<CompletedReplica>> points) {
    Set<String> values = new LinkedHashSet<>();
    for (List<CompletedReplica> point : points) {
      values.add(point.getFirst().varying().getOrDefault(key, ""));
    }
    return values;
  }

  private static String label(Map<String, String> settings, Map<String, String> names) {
    List<String> parts = new ArrayList<>();
    settings.forEach((key, value) -> parts.add(names.getOrDefault(key, key) + " " + value));
    return String.join(", ", parts);
  }

  /** The last parts of the paths, or the whole paths where two last parts are the same. */
  private static Map<String, String> shortNames(List<String> keys) {
    Map<String, String> names = new LinkedHashMap<>();
    for (String key : keys) {
      boolean unique =
          keys.stream().filter(other -> shortName(other).equals(shortName(key))).count() == 1;
      names.put(key, unique ? shortName(key) : key);
    }
    return names;
  }

  /** What people call a setting: {@code training.labelSmoothing} is {@code label smoothing}. */
  private static String shortName(String key) {
    String last = key.substring(key.lastIndexOf('.') + 1);
    String spaced = last.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    return spaced.equals("name") && key.contains(".")
        ? shortName(key.substring(0, key.lastIndexOf('.')))
        : spaced;
  }
}
