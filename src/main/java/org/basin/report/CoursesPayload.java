package org.basin.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.basin.measurement.Table;
import org.basin.store.CompletedReplica;
import org.jspecify.annotations.Nullable;

/**
 * Tables over the steps of training: one mean curve a point and, as far as there is room, one a
 * seed. A value that did not converge is a gap in its curve and stands apart under {@code open}.
 */
final class CoursesPayload {
  private static final String STEP = "step";

  /** Numbers that the means, and that the seeds, may take in the page: about 3 MB each. */
  private static final int MOST_NUMBERS = 300_000;

  private static final int MOST_ROWS = 200;
  private static final int FEWEST_ROWS = 20;
  private static final List<String> COORDINATES = List.of("alpha", "beta");
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final ProbeTables tables;
  private final String name;
  private final List<String> columns;
  private final int rows;
  private final int seedsKept;

  private CoursesPayload(ProbeTables tables, String name, List<String> columns) {
    this.tables = tables;
    this.name = name;
    this.columns = columns;
    int points = tables.sweep().series().stream().mapToInt(s -> s.points().size()).sum();
    int most =
        tables.sweep().series().stream()
            .flatMap(series -> series.points().stream())
            .mapToInt(point -> point.replicas().size())
            .max()
            .orElse(0);
    int width = columns.size() + 1;
    rows = Math.clamp(MOST_NUMBERS / Math.max(1, points * width), FEWEST_ROWS, MOST_ROWS);
    seedsKept = Math.min(most, MOST_NUMBERS / Math.max(1, points * width * rows));
  }

  /** The tables over steps that a probe left; empty when there are none. */
  static ArrayNode of(ProbeTables tables) {
    ArrayNode courses = JSON.arrayNode();
    for (String name : tables.names()) {
      List<String> columns = tables.columns(name);
      if (columns.contains(STEP)) {
        List<String> values =
            ProbeTables.values(columns, STEP).stream()
                .filter(column -> !COORDINATES.contains(column))
                .toList();
        courses.add(new CoursesPayload(tables, name, values).course());
      }
    }
    return courses;
  }

  private ObjectNode course() {
    ObjectNode node = JSON.objectNode();
    node.put("key", name);
    ArrayNode headings = node.putArray("columns");
    for (String column : columns) {
      headings.addObject().put("key", column).put("name", Wording.words(column));
    }
    node.put("seedsKept", seedsKept);
    boolean thinned = false;
    ArrayNode series = node.putArray("series");
    for (SweepSeries each : tables.sweep().series()) {
      ArrayNode points = series.addArray();
      for (SweepPoint point : each.points()) {
        ObjectNode here = points.addObject();
        List<Table> found = new ArrayList<>();
        ArrayNode seeds = here.putArray("seeds");
        for (CompletedReplica replica : point.replicas()) {
          Table table = tables.of(replica, name);
          if (table == null || !table.columns().contains(STEP)) {
            continue;
          }
          found.add(table);
          thinned |= table.rows().size() > rows;
          if (seeds.size() < seedsKept) {
            ObjectNode seed = curves(List.of(table));
            if (seed != null) {
              seeds.add(seed.put("seed", replica.result().seed()));
            }
          }
        }
        ObjectNode mean = found.isEmpty() ? null : curves(found);
        if (mean != null) {
          here.set("mean", mean);
        }
      }
    }
    if (thinned) {
      node.put("rowsKept", rows);
    }
    return node;
  }

  private @Nullable ObjectNode curves(List<Table> replicas) {
    ObjectNode node = JSON.objectNode();
    ObjectNode open = JSON.objectNode();
    for (String column : columns) {
      if (!replicas.stream().allMatch(table -> table.columns().contains(column))) {
        continue;
      }
      CurveBand band =
          CurveBand.of(
              replicas.stream().map(table -> ProbeTables.curve(table, STEP, column)).toList());
      int[] kept = EvenlySpread.places(band.x().length, rows);
      ArrayNode steps = JSON.arrayNode();
      ArrayNode values = JSON.arrayNode();
      for (int i : kept) {
        steps.add(JsonNumber.of(band.x()[i]));
        values.add(JsonNumber.of(band.y().get(i).mean()));
      }
      node.set(STEP, steps);
      node.set(column, values);
      if (!band.open().isEmpty()) {
        ArrayNode marks = open.putArray(column);
        band.open().forEach(at -> marks.add(JsonNumber.array(at, JsonNumber.SIX_DIGITS)));
      }
    }
    node.set("open", open);
    return node.has(STEP) ? node : null;
  }
}
