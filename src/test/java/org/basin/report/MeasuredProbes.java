package org.basin.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Table;
import org.basin.store.CompletedReplica;
import org.basin.store.ProbeResult;

/** Results of probes that nobody measured, their tables in files of a temporary folder. */
record MeasuredProbes(Path folder) {

  /** What {@code probe} measured of {@code replica}, on the plain objective. */
  ProbeResult of(
      CompletedReplica replica,
      String probe,
      SequencedMap<String, Uncertain> scalars,
      Table... tables) {
    Path here = folder.resolve(replica.folder().replaceAll("[^A-Za-z0-9=]", "_"));
    try {
      Files.createDirectories(here);
      for (Table table : tables) {
        Files.writeString(here.resolve(probe + "-" + table.name() + ".csv"), csv(table));
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    return new ProbeResult(
        probe,
        identity(probe),
        1,
        scalars,
        MissingNode.getInstance(),
        Arrays.stream(tables).map(Table::name).toList(),
        here);
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
