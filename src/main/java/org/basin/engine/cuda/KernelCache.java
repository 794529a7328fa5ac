package org.basin.engine.cuda;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.basin.data.DataHome;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiled kernels on disk, so that a process does not compile what another has compiled. A cache:
 * what cannot be read or written is compiled again. A file is the image behind its SHA-256, as a
 * driver that is given half an image may read behind its end.
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
      return Files.isRegularFile(file) ? image(Files.readAllBytes(file)) : null;
    } catch (IOException unreadable) {
      LOG.debug("{} is not read: {}", file, unreadable.toString());
      return null;
    }
  }

  /** The image in a file's bytes; null when they are not whole. */
  private static byte @Nullable [] image(byte[] bytes) {
    int length = digest().getDigestLength();
    if (bytes.length <= length) {
      return null;
    }
    byte[] image = Arrays.copyOfRange(bytes, length, bytes.length);
    return Arrays.equals(digest().digest(image), Arrays.copyOf(bytes, length)) ? image : null;
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** Keeps {@code image} under {@code key}, whole or not at all. */
  void write(String key, byte[] image) {
    try {
      Files.createDirectories(folder);
      Path whole = Files.createTempFile(folder, key, ".part");
      try {
        Files.write(whole, digest().digest(image));
        Files.write(whole, image, StandardOpenOption.APPEND);
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
