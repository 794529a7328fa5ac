package org.basin.data;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Files that are read by path and never committed: {@code ../shared/datasets} beside the project,
 * or where the system property {@code basin.shared} or the environment variable {@code
 * BASIN_SHARED} says.
 */
final class SharedData {
  private SharedData() {}

  /** The file or folder, or the test that asks is skipped aloud. */
  static Path require(String relative) {
    String root = System.getProperty("basin.shared", System.getenv("BASIN_SHARED"));
    Path path = Path.of(root == null ? "../shared" : root, "datasets", relative);
    assumeTrue(Files.exists(path), "skipped: " + path + " is absent (-Dbasin.shared=DIR)");
    return path;
  }
}
