package org.basin.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.basin.linalg.Uncertain;
import org.basin.store.CompletedReplica;
import org.basin.store.ProbeResult;
import org.jspecify.annotations.Nullable;

/**
 * How well everything that was measured orders networks by their generalisation gap (Jiang et al.
 * 2020): one rank correlation a measure, over replicas and over the means of points.
 *
 * @param gap test minus training error, or loss
 * @param measures in the order of probes and scalars; empty where there are too few networks
 */
record GapPredictors(Metric gap, List<Measure> measures) {
  private static final Set<String> GAPS = Set.of("errorGap", "lossGap");
  private static final double SIGNIFICANT = 0.05;

  /**
   * A measure.
   *
   * @param probe that measured it; empty for the number of parameters
   * @param scalar its name
   * @param replicas over all replicas, in clusters of points
   * @param means over the means of points; null where there is one point
   * @param granulated within groups that differ in one setting
   */
  record Measure(
      String probe,
      String scalar,
      KendallTau replicas,
      @Nullable KendallTau means,
      Granulated granulated) {

    /** As people call it. */
    String name() {
      return Wording.words(scalar);
    }
  }

  /** Of the finished replicas of a sweep. */
  static GapPredictors of(Sweep sweep, List<ProbeScalars> probes, Metric gap) {
    List<SweepPoint> points =
        sweep.series().stream().flatMap(series -> series.points().stream()).toList();
    List<Measure> measures = new ArrayList<>();
    if (!probes.isEmpty()) {
      add(measures, points, "", "parameters", gap, r -> r.result().parameters());
    }
    for (ProbeScalars probe : probes) {
      for (String scalar : probe.curves().keySet()) {
        if (!GAPS.contains(scalar) && !scalar.endsWith("Predicted")) {
          add(
              measures,
              points,
              probe.probe(),
              scalar,
              gap,
              replica -> value(replica, probe.probe(), scalar));
        }
      }
    }
    return new GapPredictors(gap, List.copyOf(measures));
  }

  private static double value(CompletedReplica replica, String probe, String scalar) {
    ProbeResult result = replica.probes().get(probe);
    Uncertain value = result == null ? null : result.scalars().get(scalar);
    return value == null || !value.converged() ? Double.NaN : value.value();
  }

  private static void add(
      List<Measure> measures,
      List<SweepPoint> points,
      String probe,
      String scalar,
      Metric gap,
      ToDoubleFunction<CompletedReplica> measure) {
    List<double[][]> clusters = new ArrayList<>();
    List<double[][]> means = new ArrayList<>();
    List<double[][]> single = new ArrayList<>();
    List<Granulated.Pair> pairs = new ArrayList<>();
    for (SweepPoint point : points) {
      List<double[]> cluster = new ArrayList<>();
      for (CompletedReplica replica : point.finished()) {
        double x = measure.applyAsDouble(replica);
        double y = gap.of(replica.result());
        if (Double.isFinite(x) && Double.isFinite(y)) {
          cluster.add(new double[] {x, y});
          single.add(new double[][] {{x, y}});
          pairs.add(new Granulated.Pair(replica, x, y));
        }
      }
      if (!cluster.isEmpty()) {
        double[][] all = cluster.toArray(double[][]::new);
        clusters.add(all);
        means.add(new double[][] {mean(all)});
      }
    }
    boolean onePoint = clusters.size() == 1;
    List<double[][]> independent = onePoint ? single : clusters;
    if (independent.size() < KendallTau.FEWEST_CLUSTERS) {
      return;
    }
    KendallTau tau = KendallTau.ofClusters(independent);
    if (Double.isFinite(tau.tau())) {
      measures.add(
          new Measure(
              probe,
              scalar,
              tau,
              onePoint ? null : KendallTau.ofClusters(means),
              Granulated.of(pairs)));
    }
  }

  private static double[] mean(double[][] pairs) {
    double[] mean = new double[2];
    for (double[] pair : pairs) {
      mean[0] += pair[0] / pairs.length;
      mean[1] += pair[1] / pairs.length;
    }
    return mean;
  }

  /**
   * The measures that are still significant at 5 % when that is to be the probability of a single
   * wrong one among all of them (Holm 1979): the k-th smallest of m p-values against 0.05/(m − k +
   * 1), up to the first that fails.
   */
  List<Measure> significant() {
    List<Measure> byChance =
        measures.stream()
            .filter(measure -> Double.isFinite(measure.replicas().p()))
            .sorted(Comparator.comparingDouble(measure -> measure.replicas().p()))
            .toList();
    int passed = 0;
    while (passed < byChance.size()
        && byChance.get(passed).replicas().p() <= SIGNIFICANT / (byChance.size() - passed)) {
      passed++;
    }
    return byChance.subList(0, passed);
  }

  /** What was found, in words; empty where there is nothing. */
  String sentence() {
    if (measures.isEmpty()) {
      return "";
    }
    String what = gap == Metric.ERROR_GAP ? "error" : "loss";
    long clear = measures.stream().filter(measure -> !measure.replicas().isUnclear()).count();
    List<Measure> sure = significant();
    int networks = measures.stream().mapToInt(m -> m.replicas().pairs()).max().orElse(0);
    StringBuilder text = new StringBuilder();
    text.append("Of ")
        .append(Wording.plural(measures.size(), "measure"))
        .append(", ")
        .append(clear)
        .append(clear == 1 ? " has" : " have")
        .append(" a rank correlation with the generalisation gap in ")
        .append(what)
        .append(" over ")
        .append(networks)
        .append(" networks whose 95 % interval leaves out 0; about ")
        .append(Math.max(1, Math.round(SIGNIFICANT * measures.size())))
        .append(" would by chance alone. ");
    if (sure.isEmpty()) {
      text.append("Corrected for so many comparisons (Holm), none is left.");
    } else {
      text.append("Corrected for so many comparisons (Holm), ")
          .append(sure.size())
          .append(sure.size() == 1 ? " is" : " are")
          .append(" left, the strongest ");
      Measure strongest =
          sure.stream()
              .max(Comparator.comparingDouble(measure -> Math.abs(measure.replicas().tau())))
              .orElseThrow();
      text.append(strongest.name())
          .append(strongest.probe().isEmpty() ? "" : " (" + Wording.words(strongest.probe()) + ")")
          .append(" with τ = ")
          .append(interval(strongest.replicas()))
          .append('.');
    }
    return text.toString();
  }

  private static String interval(KendallTau tau) {
    return String.format(
        Locale.ROOT,
        "%s (%s to %s)",
        Wording.signed(tau.tau()),
        Wording.signed(tau.low()),
        Wording.signed(tau.high()));
  }
}
