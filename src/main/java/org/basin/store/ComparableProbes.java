package org.basin.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps, of each probe, the measurements that were made alike: a mean over replicas that were
 * measured with different options, by different versions or on different engines would mean
 * nothing.
 */
final class ComparableProbes {
  private static final Logger LOG = LoggerFactory.getLogger(ComparableProbes.class);

  private ComparableProbes() {}

  /** The replicas with those measurements alone that were made as most of their probe were. */
  static List<CompletedReplica> of(List<CompletedReplica> replicas) {
    Map<String, Map<JsonNode, Integer>> counts = new LinkedHashMap<>();
    for (CompletedReplica replica : replicas) {
      replica
          .probes()
          .forEach(
              (probe, result) ->
                  counts
                      .computeIfAbsent(probe, name -> new LinkedHashMap<>())
                      .merge(manner(result), 1, Integer::sum));
    }
    Map<String, JsonNode> kept = new LinkedHashMap<>();
    counts.forEach(
        (probe, manners) -> {
          Map.Entry<JsonNode, Integer> most =
              manners.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
          kept.put(probe, most.getKey());
          int others =
              manners.values().stream().mapToInt(Integer::intValue).sum() - most.getValue();
          if (others > 0) {
            LOG.warn(
                "{} {} measurements were made with other options, versions or engines than the"
                    + " other {}: left out of table and report",
                others,
                probe,
                most.getValue());
          }
        });
    List<CompletedReplica> comparable = new ArrayList<>();
    for (CompletedReplica replica : replicas) {
      SequencedMap<String, ProbeResult> probes = new LinkedHashMap<>(replica.probes());
      probes.entrySet().removeIf(each -> !manner(each.getValue()).equals(kept.get(each.getKey())));
      comparable.add(
          new CompletedReplica(
              replica.folder(), replica.varying(), replica.result(), replica.history(), probes));
    }
    return comparable;
  }

  /** How a measurement was made, whatever was measured. */
  private static JsonNode manner(ProbeResult result) {
    return result.identity() instanceof ObjectNode identity
        ? identity.deepCopy().without(List.of("configHash", "dataHash", "objective", "partner"))
        : result.identity();
  }
}
