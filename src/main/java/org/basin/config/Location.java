package org.basin.config;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.basin.InvalidInputException;

/**
 * Where a value was written: a line of a file, or an option of the command line.
 *
 * @param text how messages name it, e.g. {@code experiments/quickstart.yaml:12} or {@code --set
 *     model.width=0}
 * @param folder what relative paths in the value are relative to
 */
public record Location(String text, Path folder) {

  /** A whole file. */
  static Location of(Path file) {
    return new Location(file.toString(), file.toAbsolutePath().getParent());
  }

  /** An override of the command line; paths in it are relative to the working directory. */
  static Location ofOverride(String override) {
    return new Location("--set " + override, Path.of("").toAbsolutePath());
  }

  /** An option of the command line, as it was written. */
  static Location ofOption(String option) {
    return new Location(option, Path.of("").toAbsolutePath());
  }

  /** A line, counted from 1, of this file. */
  Location line(int line) {
    return new Location(text + ":" + line, folder);
  }

  /** The exception for a value at this place that cannot be used; its message is one line. */
  public InvalidInputException problem(String message) {
    return new InvalidInputException(oneLine(message));
  }

  /** As {@link #problem(String)}, found by {@code cause}. */
  InvalidInputException problem(String message, Throwable cause) {
    return new InvalidInputException(oneLine(message), cause);
  }

  /** Names and values come from users, line breaks and all. */
  private String oneLine(String message) {
    return (text + ": " + message).replaceAll("\\p{Cntrl}+", " ");
  }

  /**
   * The absolute path that {@code path} means here: in {@link #folder()}, or in the working
   * directory when it is only there.
   */
  String absolute(String path) {
    Path inFolder = path(folder, path);
    Path inWorkingDirectory = path(Path.of("").toAbsolutePath(), path);
    boolean onlyThere = !Files.exists(inFolder) && Files.exists(inWorkingDirectory);
    return (onlyThere ? inWorkingDirectory : inFolder).toString();
  }

  /** The path {@code path} in {@code base}. */
  Path path(Path base, String path) {
    try {
      return base.resolve(path).normalize();
    } catch (InvalidPathException invalid) {
      throw problem("'" + path + "' is not a path: " + invalid.getReason(), invalid);
    }
  }
}
