package org.basin.store;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.basin.InvalidInputException;

/**
 * Writes files whole or not at all: to a temporary name beside the target, renamed when complete. A
 * process that dies leaves the old file, or none.
 */
public final class WholeFile {
  /** Ends the temporary names. */
  static final String TEMPORARY_SUFFIX = ".part";

  private static final Pattern TEMPORARY_NAME = Pattern.compile(".*\\.(\\d{1,18})\\.part");
  private static final Duration LONGEST_WRITE = Duration.ofMinutes(1);

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
      remove(temporary, failure);
      throw new InvalidInputException("cannot write " + target + ": " + reason(failure), failure);
    } catch (RuntimeException | Error failure) {
      remove(temporary, failure);
      throw failure;
    }
  }

  private static void remove(Path temporary, Throwable failure) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException alsoFailed) {
      failure.addSuppressed(alsoFailed);
    }
  }

  /** Writes {@code target} as UTF-8. */
  public static void write(Path target, String text) {
    write(target, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * Removes what killed processes left half-written in {@code folder}. Files of processes that live
   * stay, on other machines too: there they are young.
   */
  static void removeLeftovers(Path folder) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + TEMPORARY_SUFFIX)) {
      for (Path file : files) {
        Matcher name = TEMPORARY_NAME.matcher(file.getFileName().toString());
        if (name.matches()
            && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()
            && isOlderThan(LONGEST_WRITE, file)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException failure) {
      throw new InvalidInputException("cannot clear " + folder + ": " + reason(failure), failure);
    }
  }

  private static boolean isOlderThan(Duration age, Path file) throws IOException {
    try {
      return Files.getLastModifiedTime(file).toInstant().isBefore(Instant.now().minus(age));
    } catch (NoSuchFileException removedMeanwhile) {
      return false;
    }
  }

  /** The reason of a failure without the path, which messages name already. */
  static String reason(IOException failure) {
    if (failure instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (failure instanceof FileAlreadyExistsException) {
      return "a file is in the way";
    }
    if (failure instanceof NoSuchFileException) {
      return "no such file or folder";
    }
    if (failure instanceof FileSystemException system && system.getReason() != null) {
      return system.getReason();
    }
    return failure.getMessage() != null ? failure.getMessage() : failure.toString();
  }
}
