package org.basin.store;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.basin.InvalidInputException;
import org.basin.measurement.Measurement;
import org.basin.train.EngineDescription;
import org.jspecify.annotations.Nullable;

/**
 * What a probe measured of one replica, {@code probes/<probe>.json}, with the device and the
 * precision it was computed on. Its vectors have the parameters' length.
 */
public final class ProbeFile {
  /** Version of the file's form. */
  public static final int SCHEMA_VERSION = 2;

  private final Path folder;
  private final String probe;
  private final MeasurementFile file;

  ProbeFile(Path folder, String probe) {
    this.folder = folder;
    this.probe = probe;
    this.file = new MeasurementFile(folder, probe, "probe", SCHEMA_VERSION);
  }

  /** Whether there is a measurement, whole or not. */
  public boolean exists() {
    return file.exists();
  }

  /**
   * Why what is there is not a measurement of {@code identity}; null when it is one.
   *
   * @throws InvalidInputException when the file cannot be read, is damaged or of another version
   */
  public @Nullable String differenceFrom(ProbeIdentity identity) {
    return file.differenceFrom(identity);
  }

  /**
   * Reads the measurement.
   *
   * @throws InvalidInputException when it is missing, damaged or of another version
   */
  public ProbeResult read() {
    MeasurementFile.Stored stored = file.read();
    return new ProbeResult(
        probe,
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
  public void write(
      ProbeIdentity identity, EngineDescription engine, double seconds, Measurement measured) {
    SequencedMap<String, String> conditions = new LinkedHashMap<>();
    conditions.put("device", engine.device());
    conditions.put("precision", engine.precision());
    file.write(identity, conditions, seconds, measured);
  }
}
