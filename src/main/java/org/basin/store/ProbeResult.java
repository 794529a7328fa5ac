package org.basin.store;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.SequencedMap;
import org.basin.InvalidInputException;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Comparison;
import org.basin.measurement.Table;

/**
 * What a probe measured of one replica, as a run folder holds it.
 *
 * @param probe the probe's name
 * @param identity what decided the numbers, a {@link ProbeIdentity}
 * @param seconds that it took
 * @param scalars figures with their errors, by name
 * @param details what else there is; a missing node for nothing
 * @param tableNames curves and grids that {@link #table} reads
 * @param folder where they are
 */
public record ProbeResult(
    String probe,
    JsonNode identity,
    double seconds,
    SequencedMap<String, Uncertain> scalars,
    JsonNode details,
    List<String> tableNames,
    Path folder) {

  /**
   * Reads a table.
   *
   * @param name one of {@link #tableNames}
   * @throws InvalidInputException when it is missing or damaged
   */
  public Table table(String name) {
    return MeasurementFile.table(folder, probe, name);
  }

  /**
   * The measured numbers beside the predicted ones; numbers that are not finite are NaN. Empty
   * where the probe predicts nothing.
   */
  public List<Comparison> comparisons() {
    return MeasurementFile.comparisons(details);
  }
}
