package org.basin.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.basin.landscape.ProbeKind;
import org.basin.measurement.Comparison;
import org.basin.measurement.Figure;
import org.basin.measurement.Table;
import org.basin.store.CompletedReplica;
import org.jspecify.annotations.Nullable;

/**
 * What theory says of a probe, its figures replica by replica, and what the comparisons of all
 * replicas say.
 */
final class ProbeTheoryPayload {
  /** Characters that the figures of all replicas may take in the page. */
  private static final int MOST_CHARACTERS = 3_000_000;

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final ProbeTables tables;
  private final ProbeKind<?> kind;

  private ProbeTheoryPayload(ProbeTables tables, ProbeKind<?> kind) {
    this.tables = tables;
    this.kind = kind;
  }

  /** The payload; a claim that is empty and lists that are, where nothing is predicted. */
  static ObjectNode of(ProbeTables tables, @Nullable ProbeKind<?> kind) {
    ObjectNode node = JSON.objectNode();
    ProbeComparisons comparisons = ProbeComparisons.of(tables.sweep(), tables.probe());
    node.put("claim", kind == null ? "" : kind.claim());
    if (!comparisons.isEmpty()) {
      node.put("summary", comparisons.summary() + ".");
    }
    node.set("comparisons", comparisons(tables.sweep(), comparisons));
    if (kind != null) {
      new ProbeTheoryPayload(tables, kind).addFigures(node);
    }
    return node;
  }

  /** The first seeds of every point come before the second, as far as there is room. */
  private void addFigures(ObjectNode node) {
    ArrayNode figures = node.putArray("figures");
    List<Figure> drawn =
        kind.figures().stream().filter(figure -> tables.names().contains(figure.table())).toList();
    drawn.forEach(figure -> figures.add(FigurePayload.heading(figure)));
    List<List<ArrayNode>> points = new ArrayList<>();
    ArrayNode all = node.putArray("replicas");
    int most = 0;
    for (SweepSeries series : tables.sweep().series()) {
      ArrayNode ofSeries = all.addArray();
      List<ArrayNode> row = new ArrayList<>();
      for (SweepPoint point : series.points()) {
        row.add(ofSeries.addArray());
        most = Math.max(most, point.replicas().size());
      }
      points.add(row);
    }
    int used = 0;
    int seeds = 0;
    while (seeds < most && used < MOST_CHARACTERS && !drawn.isEmpty()) {
      used += addSeed(seeds, drawn, points);
      seeds++;
    }
    if (seeds < most && !drawn.isEmpty()) {
      node.put("seedsKept", seeds);
    }
  }

  private int addSeed(int seed, List<Figure> drawn, List<List<ArrayNode>> points) {
    int characters = 0;
    for (int s = 0; s < points.size(); s++) {
      List<SweepPoint> series = tables.sweep().series().get(s).points();
      for (int p = 0; p < series.size(); p++) {
        if (seed < series.get(p).replicas().size()) {
          CompletedReplica replica = series.get(p).replicas().get(seed);
          ArrayNode curves = curves(replica, drawn);
          if (curves != null) {
            points
                .get(s)
                .get(p)
                .addObject()
                .put("seed", replica.result().seed())
                .set("curves", curves);
            characters += curves.toString().length();
          }
        }
      }
    }
    return characters;
  }

  private @Nullable ArrayNode curves(CompletedReplica replica, List<Figure> drawn) {
    ArrayNode all = JSON.arrayNode();
    boolean any = false;
    for (Figure figure : drawn) {
      Table table = tables.of(replica, figure.table());
      ArrayNode curves = table == null ? null : FigurePayload.curves(figure, table);
      all.add(curves == null ? JSON.nullNode() : curves);
      any |= curves != null;
    }
    return any ? all : null;
  }

  private static ArrayNode comparisons(Sweep sweep, ProbeComparisons comparisons) {
    ArrayNode quantities = JSON.arrayNode();
    comparisons
        .byQuantity()
        .forEach(
            (quantity, byReplica) -> {
              ObjectNode node = quantities.addObject();
              node.put("quantity", quantity);
              ArrayNode series = node.putArray("series");
              for (SweepSeries each : sweep.series()) {
                ArrayNode points = series.addArray();
                for (SweepPoint point : each.points()) {
                  ArrayNode seeds = points.addArray();
                  for (CompletedReplica replica : point.replicas()) {
                    Comparison comparison = byReplica.get(replica.folder());
                    if (comparison != null) {
                      seeds
                          .addArray()
                          .add(replica.result().seed())
                          .add(comparison.verdict().name().toLowerCase(Locale.ROOT))
                          .add(comparison.reason());
                    }
                  }
                }
              }
            });
    return quantities;
  }
}
