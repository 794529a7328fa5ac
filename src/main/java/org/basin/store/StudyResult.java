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
 * What a study measured, as a run folder holds it.
 *
 * @param label its name in the experiment
 * @param kind the study
 * @param identity what decided the numbers, a {@link StudyIdentity}
 * @param seconds that it took
 * @param scalars figures with their errors, by name
 * @param details what else there is; a missing node for nothing
 * @param tableNames tables that {@link #table} reads
 * @param folder where they are
 */
public record StudyResult(
    String label,
    String kind,
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
    return MeasurementFile.table(folder, label, name);
  }

  /** The measured numbers beside the predicted ones; numbers that are not finite are NaN. */
  public List<Comparison> comparisons() {
    return MeasurementFile.comparisons(details);
  }
}
