package org.basin.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.basin.store.CompletedReplica;
import org.basin.store.CompletedRun;
import org.jspecify.annotations.Nullable;

/**
 * The effective model complexity (Nakkiran et al. 2020, definition 1): the largest number of
 * training examples n that a training procedure still fits, its mean training error at most ε. They
 * expect a peak of the test error where n is about as large.
 *
 * @param setting of the networks, its value as the experiment file writes it, e.g. a width
 * @param x that value as a number
 * @param others the other settings that vary, in short; empty when there are none
 * @param fits largest tested n that is fitted; 0 for none
 * @param fails smallest tested n above it that is not; 0 for none
 * @param smallest tested n
 * @param peak n of the peak of the test error; 0 for none
 */
record EffectiveComplexity(
    String setting, double x, String others, int fits, int fails, int smallest, int peak) {
  /** ε of Nakkiran et al. 2020. */
  static final double LARGEST_ERROR = 0.1;

  private static final String EXAMPLES = "data.n";
  private static final String WIDTH = "model.width";
  private static final int FEWEST = 3;

  /**
   * One for each value of the setting that varies beside {@code data.n}, width where it does; empty
   * where {@code data.n} has fewer than three values, or nothing else varies in numbers.
   */
  static List<EffectiveComplexity> of(CompletedRun run) {
    String axis = axis(run);
    if (axis == null) {
      return List.of();
    }
    Map<Map<String, String>, Map<Integer, List<CompletedReplica>>> networks = new LinkedHashMap<>();
    for (CompletedReplica replica : run.replicas()) {
      Map<String, String> settings = new LinkedHashMap<>(replica.varying());
      settings.remove(EXAMPLES);
      if (!SweepPoint.isDiverged(replica)) {
        networks
            .computeIfAbsent(settings, _ -> new LinkedHashMap<>())
            .computeIfAbsent(replica.result().trainExamples(), _ -> new ArrayList<>())
            .add(replica);
      }
    }
    List<EffectiveComplexity> all = new ArrayList<>();
    networks.forEach(
        (settings, byExamples) -> {
          if (byExamples.size() >= FEWEST) {
            all.add(of(axis, settings, byExamples));
          }
        });
    all.sort(
        Comparator.comparing(EffectiveComplexity::others)
            .thenComparingDouble(EffectiveComplexity::x));
    return List.copyOf(all);
  }

  private static @Nullable String axis(CompletedRun run) {
    if (!run.varying().contains(EXAMPLES)) {
      return null;
    }
    List<String> numeric =
        run.varying().stream()
            .filter(key -> !key.equals(EXAMPLES))
            .filter(
                key ->
                    run.replicas().stream()
                        .allMatch(replica -> Double.isFinite(number(replica.varying(), key))))
            .toList();
    return numeric.contains(WIDTH) ? WIDTH : numeric.stream().findFirst().orElse(null);
  }

  private static double number(Map<String, String> settings, String key) {
    try {
      return Double.parseDouble(settings.getOrDefault(key, ""));
    } catch (NumberFormatException notANumber) {
      return Double.NaN;
    }
  }

  private static EffectiveComplexity of(
      String axis, Map<String, String> settings, Map<Integer, List<CompletedReplica>> byExamples) {
    List<Integer> examples = byExamples.keySet().stream().sorted().toList();
    int fits = 0;
    int fails = 0;
    List<Estimate> testErrors = new ArrayList<>();
    for (int n : examples) {
      List<CompletedReplica> replicas = byExamples.getOrDefault(n, List.of());
      double mean = estimate(replicas, Metric.TRAIN_ERROR).mean();
      if (mean <= LARGEST_ERROR) {
        fits = n;
        fails = 0;
      } else if (fails == 0) {
        fails = n;
      }
      testErrors.add(estimate(replicas, Metric.TEST_ERROR));
    }
    Peak peak = Peak.find(testErrors);
    List<String> others = new ArrayList<>();
    settings.forEach(
        (key, value) -> {
          if (!key.equals(axis)) {
            others.add(key.substring(key.lastIndexOf('.') + 1) + " " + value);
          }
        });
    return new EffectiveComplexity(
        settings.getOrDefault(axis, ""),
        number(settings, axis),
        String.join(", ", others),
        fits,
        fails,
        examples.getFirst(),
        peak == null ? 0 : examples.get(peak.at()));
  }

  private static Estimate estimate(List<CompletedReplica> replicas, Metric metric) {
    return Estimate.of(
        replicas.stream().mapToDouble(replica -> metric.of(replica.result())).toArray());
  }

  /** The tested n between which the complexity lies: {@code 500 to 1,000}. */
  String bracket() {
    if (fits == 0) {
      return "below " + Wording.count(smallest);
    }
    return fails == 0
        ? "at least " + Wording.count(fits)
        : Wording.count(fits) + " to " + Wording.count(fails);
  }

  /** What was found, in words; empty where there is nothing. */
  static String sentence(List<EffectiveComplexity> all, String setting) {
    if (all.isEmpty()) {
      return "";
    }
    EffectiveComplexity first = all.getFirst();
    EffectiveComplexity last =
        all.stream().filter(each -> each.others.equals(first.others)).toList().getLast();
    String label = first.others.isEmpty() ? "" : " (" + first.others + ")";
    StringBuilder text =
        new StringBuilder("Effective model complexity, the most examples that are fitted to 10 %")
            .append(" training error: ")
            .append(first.bracket())
            .append(" at ")
            .append(setting)
            .append(' ')
            .append(first.setting);
    if (!last.equals(first)) {
      text.append(", ").append(last.bracket()).append(" at ").append(setting).append(' ');
      text.append(last.setting);
    }
    text.append(label);
    long peaks = all.stream().filter(each -> each.peak > 0).count();
    long near = all.stream().filter(EffectiveComplexity::peaksThere).count();
    if (peaks > 0) {
      text.append("; the test error peaks in n for ")
          .append(peaks)
          .append(" of ")
          .append(all.size())
          .append(", at one end of that bracket for ")
          .append(near);
    }
    return text.append('.').toString();
  }

  /** Whether the peak is at the n that bracket the complexity. */
  boolean peaksThere() {
    return peak > 0 && (peak == fits || peak == fails);
  }

  /** The setting that varies beside n, as people call it. */
  static String settingName(CompletedRun run) {
    String axis = axis(run);
    return axis == null ? "" : Wording.words(axis.substring(axis.lastIndexOf('.') + 1));
  }
}
