package org.basin.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import org.basin.measurement.Table;
import org.basin.store.CompletedReplica;
import org.jspecify.annotations.Nullable;

/**
 * Curves over a radius or along a line: one a point, its mean over seeds with the 95 % interval.
 * Lines along several random directions are averaged within each replica first; where every point
 * has one seed, the interval is over these directions.
 */
final class BandedCurvesPayload {
  private static final String LINE = "line-";
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final ProbeTables tables;

  private BandedCurvesPayload(ProbeTables tables) {
    this.tables = tables;
  }

  /** The curves that a probe left; empty when there are none. */
  static ArrayNode of(ProbeTables tables) {
    BandedCurvesPayload payload = new BandedCurvesPayload(tables);
    ArrayNode families = JSON.arrayNode();
    SequencedMap<String, List<String>> members = new LinkedHashMap<>();
    for (String name : tables.names()) {
      String family = name.startsWith(LINE) ? name.replaceAll("-\\d+$", "") : name;
      members.computeIfAbsent(family, _ -> new ArrayList<>()).add(name);
    }
    members.forEach(
        (family, names) -> {
          String abscissa = abscissa(family, tables.columns(names.getFirst()));
          if (abscissa != null) {
            families.add(payload.family(family, names, abscissa));
          }
        });
    return families;
  }

  private static @Nullable String abscissa(String family, List<String> columns) {
    if (family.startsWith(LINE) && columns.contains("alpha")) {
      return "alpha";
    }
    return columns.contains("radius") ? "radius" : null;
  }

  private ObjectNode family(String family, List<String> names, String abscissa) {
    List<String> columns = ProbeTables.values(tables.columns(names.getFirst()), abscissa);
    boolean line = family.startsWith(LINE);
    ObjectNode node = JSON.objectNode();
    node.put("key", family);
    node.put("kind", line ? "line" : "radius");
    node.put("name", Wording.words(line ? family.substring(LINE.length()) : family));
    node.put("x", abscissa);
    node.put("draws", names.size());
    ArrayNode headings = node.putArray("columns");
    for (String column : columns) {
      headings.addObject().put("key", column).put("name", Wording.words(column));
    }
    ArrayNode series = node.putArray("series");
    for (SweepSeries each : tables.sweep().series()) {
      ArrayNode points = series.addArray();
      for (SweepPoint point : each.points()) {
        ObjectNode curves = points.addObject();
        for (String column : columns) {
          ObjectNode curve = curve(point, names, abscissa, column);
          if (curve != null) {
            curves.set(column, curve);
          }
        }
      }
    }
    return node;
  }

  private @Nullable ObjectNode curve(
      SweepPoint point, List<String> names, String abscissa, String column) {
    List<List<Curve>> replicas = new ArrayList<>();
    for (CompletedReplica replica : point.replicas()) {
      List<Curve> draws =
          names.stream()
              .map(name -> tables.of(replica, name))
              .filter(Objects::nonNull)
              .filter(table -> hasColumns(table, abscissa, column))
              .map(table -> ProbeTables.curve(table, abscissa, column))
              .toList();
      if (!draws.isEmpty()) {
        replicas.add(draws);
      }
    }
    if (replicas.isEmpty()) {
      return null;
    }
    boolean overDraws = replicas.size() == 1 && replicas.getFirst().size() > 1;
    CurveBand band =
        CurveBand.of(
            overDraws
                ? replicas.getFirst()
                : replicas.stream().map(BandedCurvesPayload::withinReplica).toList());
    ObjectNode node = JSON.objectNode();
    node.put("seeds", replicas.size());
    node.put("bandOver", overDraws ? "directions" : replicas.size() > 1 ? "seeds" : "");
    node.set("x", JsonNumber.array(band.x(), JsonNumber.SIX_DIGITS));
    ArrayNode mean = node.putArray("mean");
    ArrayNode halfWidth = node.putArray("halfWidth");
    for (Estimate estimate : band.y()) {
      mean.add(JsonNumber.of(estimate.mean()));
      halfWidth.add(JsonNumber.of(estimate.halfWidth()));
    }
    ArrayNode open = node.putArray("open");
    band.open().forEach(at -> open.add(JsonNumber.array(at, JsonNumber.SIX_DIGITS)));
    return node;
  }

  private static Curve withinReplica(List<Curve> draws) {
    return draws.size() == 1 ? draws.getFirst() : CurveBand.of(draws).mean();
  }

  private static boolean hasColumns(Table table, String abscissa, String column) {
    return table.columns().contains(abscissa) && table.columns().contains(column);
  }
}
