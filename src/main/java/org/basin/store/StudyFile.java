package org.basin.store;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import org.basin.InvalidInputException;
import org.basin.measurement.Measurement;
import org.jspecify.annotations.Nullable;

/** What a study of an experiment measured, {@code studies/<label>.json}. */
public final class StudyFile {
  /** Version of the file's form. */
  public static final int SCHEMA_VERSION = 1;

  private final Path folder;
  private final String label;
  private final MeasurementFile file;

  StudyFile(Path folder, String label) {
    this.folder = folder;
    this.label = label;
    this.file = new MeasurementFile(folder, label, "study", SCHEMA_VERSION);
  }

  /** Whether there is a measurement, whole or not. */
  public boolean exists() {
    return file.exists();
  }

  /**
   * Why what is there is not a measurement of {@code identity}, damage included; null when it is
   * one, whole.
   */
  public @Nullable String differenceFrom(StudyIdentity identity) {
    try {
      String difference = file.differenceFrom(identity);
      if (difference == null) {
        StudyResult result = read();
        result.tableNames().forEach(result::table);
        result.comparisons();
      }
      return difference;
    } catch (InvalidInputException damaged) {
      String problem = String.valueOf(damaged.getMessage());
      return problem.contains(folder.toString())
          ? problem
          : "%s is damaged: %s".formatted(folder.resolve(label + ".json"), problem);
    }
  }

  /**
   * Reads the measurement.
   *
   * @throws InvalidInputException when it is missing, damaged or of another version
   */
  public StudyResult read() {
    MeasurementFile.Stored stored = file.read();
    return new StudyResult(
        label,
        stored.identity().path("kind").asText(),
        stored.identity(),
        stored.seconds(),
        stored.scalars(),
        stored.details(),
        stored.tables(),
        folder);
  }

  /**
   * Writes what was measured, in place of what there is; the JSON file last.
   *
   * @param seconds that it took
   */
  public void write(StudyIdentity identity, double seconds, Measurement measured) {
    file.write(identity, new LinkedHashMap<>(), seconds, measured);
  }
}
