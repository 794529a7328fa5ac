package org.basin.engine.cuda;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.basin.data.DataHome;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiled kernels on disk, so that a process does not compile what another has compiled. A cache:
 * what cannot be read or written is compiled again.
 *
 * @param folder where they stand, one file each
 */
record KernelCache(Path folder) {
  private static final Logger LOG = LoggerFactory.getLogger(KernelCache.class);

  /** The user's, beside the data that were fetched. */
  static KernelCache ofUser() {
    return new KernelCache(DataHome.path().resolve("kernels"));
  }

  /** What was kept under {@code key}; null when nothing was. */
  byte @Nullable [] read(String key) {
    Path file = folder.resolve(key);
    try {
      return Files.isRegularFile(file) ? Files.readAllBytes(file) : null;
    } catch (IOException unreadable) {
      LOG.debug("{} is not read: {}", file, unreadable.toString());
      return null;
    }
  }

  /** Keeps {@code image} under {@code key}, whole or not at all. */
  void write(String key, byte[] image) {
    try {
      Files.createDirectories(folder);
      Path whole = Files.createTempFile(folder, key, ".part");
      try {
        Files.write(whole, image);
        move(whole, folder.resolve(key));
      } finally {
        Files.deleteIfExists(whole);
      }
    } catch (IOException unwritable) {
      LOG.debug("kernels are not kept in {}: {}", folder, unwritable.toString());
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException plain) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Forgets what the driver did not take. */
  void remove(String key) {
    try {
      Files.deleteIfExists(folder.resolve(key));
    } catch (IOException unwritable) {
      LOG.debug("{} is not removed: {}", key, unwritable.toString());
    }
  }
}
