package org.basin.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import org.basin.InvalidInputException;
import org.basin.measurement.Comparison;
import org.basin.measurement.Figure;
import org.basin.measurement.Table;
import org.basin.store.StudyResult;
import org.basin.theory.StudyKind;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the page draws of the studies: one part a study. */
final class StudiesPayload {
  private static final Logger LOG = LoggerFactory.getLogger(StudiesPayload.class);
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private StudiesPayload() {}

  /** One part for each of {@code studies}. */
  static ArrayNode of(List<StudyResult> studies, Catalog catalog) {
    ArrayNode parts = JSON.arrayNode();
    studies.forEach(study -> parts.add(part(study, catalog.study(study.kind()))));
    return parts;
  }

  private static ObjectNode part(StudyResult study, @Nullable StudyKind<?> kind) {
    ObjectNode node = JSON.objectNode();
    node.put("key", study.label());
    String name = Wording.capital(Wording.words(study.label()));
    node.put(
        "name",
        study.label().equals(study.kind())
            ? name
            : name + " (" + Wording.words(study.kind()) + ")");
    node.put("claim", kind == null ? "" : kind.claim());
    node.put("summary", TheoryFindings.study(study));
    conditions(study, node.putArray("conditions"));
    ArrayNode figures = node.putArray("figures");
    if (kind != null) {
      for (Figure figure : kind.figures()) {
        Table table = table(study, figure.table());
        ArrayNode curves = table == null ? null : FigurePayload.curves(figure, table);
        if (curves != null) {
          figures.add(FigurePayload.heading(figure).set("curves", curves));
        }
      }
    }
    double confidence = study.identity().at("/options/confidence").asDouble(0);
    if (confidence > 0) {
      node.put("confidence", Wording.number(100 * confidence) + Wording.NO_BREAK + "%");
    }
    ArrayNode comparisons = node.putArray("comparisons");
    study.comparisons().forEach(each -> comparisons.add(comparison(each)));
    return node;
  }

  /** A table that is not there or cannot be read leaves its figures out. */
  private static @Nullable Table table(StudyResult study, String name) {
    if (!study.tableNames().contains(name)) {
      return null;
    }
    try {
      return study.table(name);
    } catch (InvalidInputException damaged) {
      LOG.warn("left out: {}", damaged.getMessage());
      return null;
    }
  }

  /** Every option, and what else decided the numbers. */
  private static void conditions(StudyResult study, ArrayNode conditions) {
    JsonNode identity = study.identity();
    for (var option : identity.path("options").properties()) {
      conditions.addArray().add(Wording.words(option.getKey())).add(text(option.getValue()));
    }
    conditions.addArray().add("seed").add(identity.path("seed").asText());
    conditions.addArray().add("version").add(identity.path("version").asText());
    conditions.addArray().add("took").add(Wording.duration(study.seconds()));
  }

  private static String text(JsonNode value) {
    if (value.isArray()) {
      StringBuilder texts = new StringBuilder();
      value.forEach(each -> texts.append(texts.isEmpty() ? "" : ", ").append(text(each)));
      return texts.toString();
    }
    return value.isNumber() ? Wording.number(value.asDouble()) : value.asText();
  }

  /** One comparison: numbers, verdict and why. */
  static ObjectNode comparison(Comparison comparison) {
    ObjectNode node = JSON.objectNode();
    node.put("quantity", comparison.quantity());
    node.set("measured", JsonNumber.of(comparison.measured()));
    node.set("low", JsonNumber.of(comparison.low()));
    node.set("high", JsonNumber.of(comparison.high()));
    node.set("predicted", JsonNumber.of(comparison.predicted()));
    node.set("tolerance", JsonNumber.of(comparison.tolerance()));
    node.put("verdict", comparison.verdict().name().toLowerCase(Locale.ROOT));
    node.put("reason", comparison.reason());
    return node;
  }
}
