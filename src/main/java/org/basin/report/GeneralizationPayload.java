package org.basin.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.basin.store.CompletedRun;
import org.jspecify.annotations.Nullable;

/**
 * What the page draws of generalisation: which measures order networks by their gap, and how many
 * examples networks can fit.
 */
final class GeneralizationPayload {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final List<GapPredictors> predictors;
  private final List<EffectiveComplexity> complexities;
  private final String setting;

  /** Computes both. */
  GeneralizationPayload(CompletedRun run, Sweep sweep, List<ProbeScalars> probes) {
    predictors =
        List.of(
            GapPredictors.of(sweep, probes, Metric.ERROR_GAP),
            GapPredictors.of(sweep, probes, Metric.LOSS_GAP));
    complexities = EffectiveComplexity.of(run);
    setting = EffectiveComplexity.settingName(run);
  }

  /** For the head of the page. */
  List<String> sentences() {
    List<String> sentences = new ArrayList<>();
    sentences.add(predictors.getFirst().sentence());
    sentences.add(EffectiveComplexity.sentence(complexities, setting));
    sentences.removeIf(String::isEmpty);
    return sentences;
  }

  /** The payload's part. */
  ObjectNode build() {
    ObjectNode node = JSON.objectNode();
    ArrayNode gaps = node.putArray("gaps");
    for (GapPredictors predictor : predictors) {
      if (!predictor.measures().isEmpty()) {
        gaps.add(gap(predictor));
      }
    }
    if (!complexities.isEmpty()) {
      ObjectNode complexity = node.putObject("complexity");
      complexity.put("setting", setting);
      complexity.put("sentence", EffectiveComplexity.sentence(complexities, setting));
      ArrayNode rows = complexity.putArray("rows");
      complexities.forEach(each -> rows.add(row(each)));
    }
    return node;
  }

  private static ObjectNode row(EffectiveComplexity complexity) {
    ObjectNode row = JSON.objectNode();
    row.put("setting", complexity.setting());
    row.set("x", JsonNumber.of(complexity.x()));
    row.put("others", complexity.others());
    row.put("fits", complexity.fits());
    row.put("fails", complexity.fails());
    row.put("peak", complexity.peak());
    row.put("text", complexity.bracket());
    return row;
  }

  private static ObjectNode gap(GapPredictors predictor) {
    ObjectNode node = JSON.objectNode();
    node.put("key", predictor.gap().key());
    node.put("name", predictor.gap() == Metric.ERROR_GAP ? "error" : "loss");
    node.put("sentence", predictor.sentence());
    List<GapPredictors.Measure> significant = predictor.significant();
    ArrayNode measures = node.putArray("measures");
    for (GapPredictors.Measure measure : predictor.measures()) {
      ObjectNode each = measures.addObject();
      each.put("name", measure.name());
      each.put("probe", Wording.words(measure.probe()));
      each.put("significant", significant.contains(measure));
      each.set("replicas", tau(measure.replicas()));
      each.set("means", tau(measure.means()));
      if (Double.isFinite(measure.granulated().mean())) {
        ObjectNode granulated = each.putObject("granulated");
        granulated.set("tau", JsonNumber.of(measure.granulated().mean()));
        ArrayNode settings = granulated.putArray("settings");
        measure
            .granulated()
            .settings()
            .forEach((key, value) -> settings.addArray().add(key).add(JsonNumber.of(value)));
      }
    }
    return node;
  }

  private static @Nullable ObjectNode tau(@Nullable KendallTau tau) {
    if (tau == null || !Double.isFinite(tau.tau())) {
      return null;
    }
    ObjectNode node = JSON.objectNode();
    node.set("tau", JsonNumber.of(tau.tau()));
    node.set("low", JsonNumber.of(tau.low()));
    node.set("high", JsonNumber.of(tau.high()));
    node.put("pairs", tau.pairs());
    node.put("unclear", tau.isUnclear());
    return node;
  }
}
