package org.basin.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import org.basin.measurement.Figure;
import org.basin.measurement.Figure.Axis;
import org.basin.measurement.Figure.Trace;
import org.basin.measurement.Table;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Figure} for the page: its heading, the same for every table, and the curves that a table
 * gives. Rows that cannot stand on the axes are left out.
 */
final class FigurePayload {
  /** Most points that a trace keeps. */
  private static final int MOST_ROWS = 200;

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Figure figure;
  private final Table table;

  private FigurePayload(Figure figure, Table table) {
    this.figure = figure;
    this.table = table;
  }

  /** What is shown and how, without numbers. */
  static ObjectNode heading(Figure figure) {
    ObjectNode node = JSON.objectNode();
    node.put("title", figure.title());
    node.put("text", figure.text());
    node.set("x", axis(figure.x()));
    node.set("y", axis(figure.y()));
    if (figure.groupBy() != null) {
      node.put("group", Wording.words(figure.groupBy()));
    }
    ArrayNode traces = node.putArray("traces");
    for (Trace trace : figure.traces()) {
      traces
          .addObject()
          .put("label", trace.label())
          .put("style", trace.style().name().toLowerCase(Locale.ROOT));
    }
    return node;
  }

  private static ObjectNode axis(Axis axis) {
    return JSON.objectNode().put("label", axis.label()).put("log", axis.logarithmic());
  }

  /**
   * The curves, one array a group; in it one object a trace of the heading, {@code null} where the
   * table has none of it.
   *
   * @return null where the table has nothing that the figure shows
   */
  static @Nullable ArrayNode curves(Figure figure, Table table) {
    FigurePayload payload = new FigurePayload(figure, table);
    List<String> columns = table.columns();
    String groupBy = figure.groupBy();
    if (!columns.contains(figure.x().column()) || (groupBy != null && !columns.contains(groupBy))) {
      return null;
    }
    ArrayNode groups = JSON.arrayNode();
    payload
        .groups()
        .forEach(
            (value, rows) -> {
              ArrayNode traces = JSON.arrayNode();
              boolean any = false;
              for (Trace trace : figure.traces()) {
                ObjectNode curve = payload.curve(trace, rows);
                traces.add(curve == null ? JSON.nullNode() : curve);
                any |= curve != null;
              }
              if (any) {
                ObjectNode group = groups.addObject();
                if (groupBy != null) {
                  group.set("value", JsonNumber.of(value));
                }
                group.set("traces", traces);
              }
            });
    return groups.isEmpty() ? null : groups;
  }

  /** Rows by the value that tells groups apart, in the order of their first appearance. */
  private SequencedMap<Double, List<double[]>> groups() {
    SequencedMap<Double, List<double[]>> groups = new LinkedHashMap<>();
    int at = figure.groupBy() == null ? -1 : table.columns().indexOf(figure.groupBy());
    for (double[] row : table.rows()) {
      groups.computeIfAbsent(at < 0 ? 0.0 : row[at], _ -> new ArrayList<>()).add(row);
    }
    return groups;
  }

  private @Nullable ObjectNode curve(Trace trace, List<double[]> rows) {
    List<String> columns = table.columns();
    int x = columns.indexOf(figure.x().column());
    int y = columns.indexOf(trace.column());
    if (y < 0) {
      return null;
    }
    List<double[]> shown =
        rows.stream()
            .filter(row -> stands(row[x], figure.x()) && stands(row[y], figure.y()))
            .toList();
    if (shown.isEmpty()) {
      return null;
    }
    List<double[]> kept = EvenlySpread.of(shown, MOST_ROWS);
    ObjectNode node = JSON.objectNode();
    node.set("x", numbers(kept, x));
    node.set("y", numbers(kept, y));
    int low = trace.low() == null ? -1 : columns.indexOf(trace.low());
    int high = trace.high() == null ? -1 : columns.indexOf(trace.high());
    if (low >= 0 && high >= 0 && kept.stream().anyMatch(row -> Double.isFinite(row[high]))) {
      node.set("low", numbers(kept, low));
      node.set("high", numbers(kept, high));
    }
    return node;
  }

  private static boolean stands(double value, Axis axis) {
    return Double.isFinite(value) && (!axis.logarithmic() || value > 0);
  }

  private static JsonNode numbers(List<double[]> rows, int column) {
    return JsonNumber.array(
        rows.stream().mapToDouble(row -> row[column]).toArray(), JsonNumber.SIX_DIGITS);
  }
}
