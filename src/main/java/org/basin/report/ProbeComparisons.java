package org.basin.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.basin.InvalidInputException;
import org.basin.measurement.Comparison;
import org.basin.measurement.Verdict;
import org.basin.store.CompletedReplica;
import org.basin.store.ProbeResult;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a probe compared with theory, over all replicas.
 *
 * @param byQuantity each quantity's comparisons by the measured replica's folder, both in the order
 *     of their first appearance
 */
record ProbeComparisons(SequencedMap<String, SequencedMap<String, Comparison>> byQuantity) {
  private static final Logger LOG = LoggerFactory.getLogger(ProbeComparisons.class);

  /** Reads them off the replicas that {@code probe} measured. */
  static ProbeComparisons of(Sweep sweep, String probe) {
    SequencedMap<String, SequencedMap<String, Comparison>> found = new LinkedHashMap<>();
    for (SweepSeries series : sweep.series()) {
      for (SweepPoint point : series.points()) {
        for (CompletedReplica replica : point.replicas()) {
          for (Comparison each : read(replica.probes().get(probe))) {
            found
                .computeIfAbsent(each.quantity(), _ -> new LinkedHashMap<>())
                .put(replica.folder(), each);
          }
        }
      }
    }
    return new ProbeComparisons(found);
  }

  /** Comparisons that cannot be read are left out, as a damaged table is. */
  private static List<Comparison> read(@Nullable ProbeResult result) {
    if (result == null) {
      return List.of();
    }
    try {
      return result.comparisons();
    } catch (InvalidInputException damaged) {
      LOG.warn("left out: {}", damaged.getMessage());
      return List.of();
    }
  }

  /** Whether nothing was compared. */
  boolean isEmpty() {
    return byQuantity.isEmpty();
  }

  /** How many of them came out so. */
  static long count(Map<String, Comparison> comparisons, Verdict verdict) {
    return comparisons.values().stream().filter(each -> each.verdict() == verdict).count();
  }

  /** What holds and what does not, a sentence without its end. */
  String summary() {
    long all = byQuantity.values().stream().mapToLong(Map::size).sum();
    long hold = byQuantity.values().stream().mapToLong(each -> count(each, Verdict.AGREES)).sum();
    List<String> others = new ArrayList<>();
    byQuantity.forEach(
        (quantity, each) -> {
          addOther(others, quantity, "disagrees", count(each, Verdict.DISAGREES), each.size());
          addOther(others, quantity, "is undecided", count(each, Verdict.UNDECIDED), each.size());
        });
    return TheoryFindings.hold(hold, all)
        + (others.isEmpty() ? "" : "; " + String.join("; ", others));
  }

  private static void addOther(
      List<String> others, String quantity, String does, long count, int all) {
    if (count > 0) {
      others.add(
          "“" + quantity + "” " + does + " in " + count + " of " + Wording.plural(all, "network"));
    }
  }
}
