package org.basin.store;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.basin.InvalidInputException;

/**
 * Writes files whole or not at all: to a temporary name beside the target, renamed when complete. A
 * process that dies leaves the old file, or none.
 */
public final class WholeFile {
  /** Ends the temporary names. */
  static final String TEMPORARY_SUFFIX = ".part";

  private WholeFile() {}

  /** Puts a file's content into a stream. */
  @FunctionalInterface
  public interface Content {
    /** Writes the content to {@code out}, which stays open. */
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes {@code target}.
   *
   * @throws InvalidInputException when the file cannot be written: no space, no permission
   */
  public static void write(Path target, Content content) {
    Path temporary =
        target.resolveSibling(
            target.getFileName() + "." + ProcessHandle.current().pid() + TEMPORARY_SUFFIX);
    try {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(temporary))) {
        content.writeTo(out);
      }
      Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException failure) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException alsoFailed) {
        failure.addSuppressed(alsoFailed);
      }
      throw new InvalidInputException("cannot write " + target + ": " + reason(failure), failure);
    }
  }

  /** Writes {@code target} as UTF-8. */
  public static void write(Path target, String text) {
    write(target, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** The reason of a failure without the path, which messages name already. */
  static String reason(IOException failure) {
    if (failure instanceof java.nio.file.AccessDeniedException) {
      return "permission denied";
    }
    if (failure instanceof FileSystemException system && system.getReason() != null) {
      return system.getReason();
    }
    return failure.getMessage() != null ? failure.getMessage() : failure.toString();
  }
}
