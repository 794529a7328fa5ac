package org.basin.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Comparison;
import org.basin.measurement.Table;
import org.basin.store.CompletedReplica;
import org.basin.store.ProbeResult;
import org.basin.store.StudyResult;
import org.jspecify.annotations.Nullable;

/**
 * Results of probes and studies that nobody measured, their tables in files of a temporary folder.
 */
record MeasuredProbes(Path folder) {

  /** What {@code probe} measured of {@code replica}, on the plain objective. */
  ProbeResult of(
      CompletedReplica replica,
      String probe,
      SequencedMap<String, Uncertain> scalars,
      Table... tables) {
    return of(replica, probe, scalars, List.of(), tables);
  }

  /** The same with comparisons. */
  ProbeResult of(
      CompletedReplica replica,
      String probe,
      SequencedMap<String, Uncertain> scalars,
      List<Comparison> comparisons,
      Table... tables) {
    Path here = folder.resolve(replica.folder().replaceAll("[^A-Za-z0-9=]", "_"));
    write(here, probe, tables);
    return new ProbeResult(
        probe,
        identity(probe),
        1,
        scalars,
        comparisons.isEmpty() ? MissingNode.getInstance() : details(comparisons),
        Arrays.stream(tables).map(Table::name).toList(),
        here);
  }

  /** What a study came to, that nobody ran. */
  StudyResult study(String label, String kind, List<Comparison> comparisons, Table... tables) {
    write(folder, label, tables);
    ObjectNode identity = new ObjectMapper().createObjectNode();
    identity.put("kind", kind).put("version", 1).put("seed", 7);
    identity.putObject("options").put("runs", 500).putArray("stepSizes").add(0.1).add(0.2);
    return new StudyResult(
        label,
        kind,
        identity,
        1.5,
        new LinkedHashMap<>(),
        details(comparisons),
        Arrays.stream(tables).map(Table::name).toList(),
        folder);
  }

  /** As files hold them: constants in lower case, nothing for what is not finite. */
  private static ObjectNode details(List<Comparison> comparisons) {
    ObjectNode details = new ObjectMapper().createObjectNode();
    ArrayNode all = details.putArray("comparisons");
    for (Comparison each : comparisons) {
      all.addObject()
          .put("quantity", each.quantity())
          .put("verdict", each.verdict().name().toLowerCase(Locale.ROOT))
          .put("reason", each.reason())
          .put("predicted", each.predicted())
          .put("tolerance", each.tolerance())
          .put("measured", finite(each.measured()))
          .put("low", finite(each.low()))
          .put("high", finite(each.high()));
    }
    return details;
  }

  private static @Nullable Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }

  private static void write(Path here, String name, Table... tables) {
    try {
      Files.createDirectories(here);
      for (Table table : tables) {
        Files.writeString(here.resolve(name + "-" + table.name() + ".csv"), csv(table));
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  private static ObjectNode identity(String probe) {
    ObjectNode identity = new ObjectMapper().createObjectNode();
    identity.put("probe", probe).put("version", 3).put("engine", "cpu");
    identity
        .putObject("conditions")
        .put("objective", "plain")
        .put("batchNorm", "recalibrated")
        .put("examples", 500)
        .put("subsamples", 4);
    identity
        .putObject("objective")
        .put("loss", "cross-entropy")
        .put("labelSmoothing", 0.1)
        .put("l2", 0.0);
    return identity;
  }

  private static String csv(Table table) {
    return String.join(",", table.columns())
        + "\n"
        + table.rows().stream()
            .map(
                row ->
                    Arrays.stream(row)
                        .mapToObj(value -> Double.isNaN(value) ? "" : Double.toString(value))
                        .collect(Collectors.joining(",", "", "\n")))
            .collect(Collectors.joining());
  }
}
