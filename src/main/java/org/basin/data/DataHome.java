package org.basin.data;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The folder that {@code basin data fetch} fills: the system property {@code basin.data}, else the
 * environment variable {@code BASIN_DATA}, else {@code .cache/basin} in the user's home.
 */
public final class DataHome {
  private DataHome() {}

  /** The folder as this process is set up; it need not exist. */
  public static Path path() {
    return path(System.getProperty("basin.data"), System.getenv("BASIN_DATA"));
  }

  static Path path(@Nullable String property, @Nullable String environment) {
    if (property != null && !property.isBlank()) {
      return Path.of(property);
    }
    if (environment != null && !environment.isBlank()) {
      return Path.of(environment);
    }
    return Path.of(System.getProperty("user.home"), ".cache", "basin");
  }
}
