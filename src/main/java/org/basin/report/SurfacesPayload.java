package org.basin.report;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.basin.measurement.Table;
import org.basin.store.CompletedReplica;

/**
 * The loss on planes, and the path of training that lies near one of them. A plane is one replica's
 * own: its directions are, so that a mean over seeds would be of nothing.
 */
final class SurfacesPayload {
  private static final String PLANE = "plane-";

  /** Numbers that all planes of a probe may take in the page: about 3 MB. */
  private static final int MOST_NUMBERS = 400_000;

  private static final int MOST_SIDE = 101;
  private static final int FEWEST_SIDE = 21;
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final ProbeTables tables;
  private final int side;
  private final int seedsKept;

  private SurfacesPayload(ProbeTables tables, int planes) {
    this.tables = tables;
    int points = tables.sweep().series().stream().mapToInt(s -> s.points().size()).sum();
    // Two figures, loss and error, on every plane.
    int room = MOST_NUMBERS / Math.max(1, 2 * planes * points);
    side = Math.clamp((int) Math.sqrt(room), FEWEST_SIDE, MOST_SIDE) / 2 * 2 + 1;
    int cells = largestPlane();
    seedsKept = Math.max(1, room / Math.max(1, Math.min(cells, side * side)));
  }

  /** The planes that a probe left; empty when there are none. */
  static ArrayNode of(ProbeTables tables) {
    List<String> names =
        tables.names().stream()
            .filter(name -> name.startsWith(PLANE))
            .filter(name -> tables.columns(name).containsAll(List.of("alpha", "beta")))
            .toList();
    ArrayNode planes = JSON.arrayNode();
    if (!names.isEmpty()) {
      SurfacesPayload payload = new SurfacesPayload(tables, names.size());
      names.forEach(name -> planes.add(payload.plane(name)));
    }
    return planes;
  }

  private int largestPlane() {
    return tables.sweep().series().stream()
        .flatMap(series -> series.points().stream())
        .flatMap(point -> point.replicas().stream())
        .filter(replica -> replica.probes().containsKey(tables.probe()))
        .limit(1)
        .flatMap(
            replica ->
                tables.names().stream()
                    .filter(name -> name.startsWith(PLANE))
                    .map(name -> tables.of(replica, name)))
        .mapToInt(table -> table == null ? 0 : table.rows().size())
        .max()
        .orElse(0);
  }

  private ObjectNode plane(String name) {
    List<String> columns =
        ProbeTables.values(tables.columns(name), "alpha").stream()
            .filter(column -> !column.equals("beta"))
            .toList();
    ObjectNode node = JSON.objectNode();
    node.put("key", name);
    node.put("name", Wording.words(name.substring(PLANE.length())));
    ArrayNode headings = node.putArray("columns");
    for (String column : columns) {
      headings.addObject().put("key", column).put("name", Wording.words(column));
    }
    int largest = 0;
    ArrayNode series = node.putArray("series");
    for (SweepSeries each : tables.sweep().series()) {
      ArrayNode points = series.addArray();
      for (SweepPoint point : each.points()) {
        ArrayNode seeds = points.addArray();
        for (CompletedReplica replica : point.replicas()) {
          Table table = tables.of(replica, name);
          if (table == null
              || seeds.size() == seedsKept
              || !table.columns().containsAll(List.of("alpha", "beta"))) {
            continue;
          }
          ObjectNode seed = seeds.addObject().put("seed", replica.result().seed());
          for (String column : columns) {
            if (table.columns().contains(column)) {
              LossGrid whole = LossGrid.of(table, column);
              largest = Math.max(largest, whole.alphas().length);
              grid(seed, column, whole.thinned(side));
            }
          }
          if (name.equals(PLANE + "trajectory")) {
            path(seed, replica);
          }
        }
      }
    }
    node.put("seedsKept", seedsKept);
    if (largest > side) {
      node.put("sideKept", side).put("side", largest);
    }
    return node;
  }

  private static void grid(ObjectNode seed, String column, LossGrid grid) {
    seed.set("alphas", JsonNumber.array(grid.alphas(), JsonNumber.SIX_DIGITS));
    seed.set("betas", JsonNumber.array(grid.betas(), JsonNumber.SIX_DIGITS));
    seed.set(
        column,
        JsonNumber.array(
            Arrays.stream(grid.values()).flatMapToDouble(Arrays::stream).toArray(),
            JsonNumber.FOUR_DIGITS));
  }

  /** The projected iterates, over the trajectory's plane. */
  private void path(ObjectNode seed, CompletedReplica replica) {
    Table path = tables.of(replica, "path");
    if (path == null || !path.columns().containsAll(List.of("alpha", "beta"))) {
      return;
    }
    double[] alpha = path.column("alpha");
    double[] beta = path.column("beta");
    int every = Math.max(1, alpha.length / MOST_SIDE);
    ArrayNode points = seed.putArray("path");
    IntStream.range(0, alpha.length)
        .filter(i -> i % every == 0 || i == alpha.length - 1)
        .forEach(
            i ->
                points.add(
                    JsonNumber.array(new double[] {alpha[i], beta[i]}, JsonNumber.FOUR_DIGITS)));
  }
}
