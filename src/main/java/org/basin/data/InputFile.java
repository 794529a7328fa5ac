package org.basin.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.basin.InvalidInputException;

/** Opens a data file, gzip or not, and says in one line what is wrong with it. */
final class InputFile {
  private static final int BUFFER_BYTES = 1 << 16;

  private InputFile() {}

  /**
   * Opens {@code path} for reading, decompressed.
   *
   * @throws InvalidInputException when it is missing, unreadable, or named .gz without being gzip
   */
  static InputStream open(Path path) {
    if (!Files.exists(path)) {
      throw new InvalidInputException(path + ": no such file");
    }
    if (Files.isDirectory(path)) {
      throw new InvalidInputException(path + ": is a folder, not a file");
    }
    try {
      return decompress(Files.newInputStream(path), path.toString());
    } catch (IOException unreadable) {
      throw problem(path.toString(), unreadable);
    }
  }

  /**
   * {@code stored}, decompressed when it begins with gzip's two magic bytes.
   *
   * @param name what the bytes are called in messages; ending in .gz, they must be gzip
   */
  static InputStream decompress(InputStream stored, String name) throws IOException {
    BufferedInputStream buffered = new BufferedInputStream(stored, BUFFER_BYTES);
    buffered.mark(2);
    boolean isGzip = buffered.read() == 0x1f && buffered.read() == 0x8b;
    buffered.reset();
    if (isGzip) {
      return new GZIPInputStream(buffered, BUFFER_BYTES);
    }
    if (name.endsWith(".gz")) {
      buffered.close();
      throw new InvalidInputException(
          name + ": is not gzip though its name ends in .gz (it does not begin with bytes 1f 8b)");
    }
    return buffered;
  }

  /** What went wrong while {@code name} was read, as one line. */
  static InvalidInputException problem(String name, IOException cause) {
    String reason =
        switch (cause) {
          case EOFException end -> "the gzip data ends too early; the file is truncated";
          case ZipException broken -> "the gzip data is damaged (" + broken.getMessage() + ")";
          case AccessDeniedException denied -> "may not be read: permission denied";
          default -> "cannot be read: " + cause.getMessage();
        };
    return new InvalidInputException(name + ": " + reason, cause);
  }
}
