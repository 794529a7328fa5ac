package org.basin.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.basin.store.CompletedReplica;
import org.basin.store.ProbeResult;
import org.jspecify.annotations.Nullable;

/**
 * Under what a probe measured: what every figure and chart of it depends on. Where replicas differ,
 * every value is named.
 *
 * @param parts name and words of each condition
 */
record MeasurementConditions(List<Part> parts) {

  /**
   * One condition.
   *
   * @param name what it is
   * @param words what holds
   */
  record Part(String name, String words) {}

  /** Reads the conditions off what {@code probe} measured. */
  static MeasurementConditions of(List<CompletedReplica> replicas, String probe) {
    List<CompletedReplica> measured =
        replicas.stream().filter(replica -> replica.probes().containsKey(probe)).toList();
    List<Part> parts = new ArrayList<>();
    parts.add(part("objective", measured, probe, MeasurementConditions::objective));
    Set<String> normalization = new LinkedHashSet<>();
    for (CompletedReplica replica : measured) {
      normalization.add(normalization(replica, replica.probes().get(probe)));
    }
    parts.add(new Part("batch-norm statistics", String.join(" / ", normalization)));
    parts.add(part("examples", measured, probe, MeasurementConditions::examples));
    parts.add(part("engine", measured, probe, i -> i.path("engine").asText("not recorded")));
    parts.add(
        part("probe version", measured, probe, i -> i.path("version").asText("not recorded")));
    return new MeasurementConditions(List.copyOf(parts));
  }

  private static Part part(
      String name,
      List<CompletedReplica> measured,
      String probe,
      Function<JsonNode, String> wordsOf) {
    Set<String> words = new LinkedHashSet<>();
    for (CompletedReplica replica : measured) {
      ProbeResult result = replica.probes().get(probe);
      if (result != null) {
        words.add(wordsOf.apply(result.identity()));
      }
    }
    return new Part(name, String.join(" / ", words));
  }

  private static String objective(JsonNode identity) {
    String which =
        switch (identity.path("conditions").path("objective").asText()) {
          case "trained" -> "trained, ";
          case "plain" -> "plain, ";
          default -> "";
        };
    JsonNode objective = identity.path("objective");
    double smoothing = objective.path("labelSmoothing").asDouble();
    double penalty = objective.path("l2").asDouble();
    return which
        + objective.path("loss").asText("loss not recorded")
        + (smoothing == 0
            ? ", no label smoothing"
            : ", label smoothing " + Wording.number(smoothing))
        + (penalty == 0 ? ", no L2 penalty" : ", L2 penalty " + Wording.number(penalty));
  }

  private static String normalization(CompletedReplica replica, @Nullable ProbeResult result) {
    if (result == null) {
      return "";
    }
    String statistics =
        switch (result.identity().path("conditions").path("batchNorm").asText()) {
          case "frozen" -> "frozen (running statistics of training)";
          case "recalibrated" ->
              result.identity().path("objective").path("batchNorm").asText().equals("batch")
                  ? "recalibrated (over the measured examples, at every network on the way)"
                  : "recalibrated (over the measured examples, then constant)";
          case "batch" -> "batch (over the measured examples at every parameter vector)";
          default -> "not recorded";
        };
    JsonNode batchNorm = replica.result().config().path("model").path("batchNorm");
    return batchNorm.isBoolean() && !batchNorm.asBoolean()
        ? statistics + "; the networks have no batch norm"
        : statistics;
  }

  private static String examples(JsonNode identity) {
    JsonNode conditions = identity.path("conditions");
    JsonNode examples = conditions.path("examples");
    return examples.isNumber()
        ? "mean over "
            + Wording.plural(conditions.path("subsamples").asLong(), "disjoint random part")
            + " of "
            + Wording.count(examples.asLong())
            + " training examples"
        : "all training examples";
  }
}
