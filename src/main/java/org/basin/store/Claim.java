package org.basin.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.basin.InvalidInputException;
import org.jspecify.annotations.Nullable;

/**
 * A folder that this process alone works in: an operating-system lock on a file in it, which ends
 * with the process, however it ends.
 */
public final class Claim implements AutoCloseable {
  /** The locked file's name. */
  static final String FILE = ".claim";

  private static final long POLL_MILLISECONDS = 20;
  private static final int MAX_ATTEMPTS = 1000;

  /**
   * Claims of this process, since the system's locks tell processes apart, not threads: closing a
   * file that another thread holds locked would unlock it.
   */
  private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  private Claim(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Claims {@code folder}, and makes it when it is not there.
   *
   * @return null when another process or thread holds it
   * @throws InvalidInputException when the folder cannot be written
   */
  static @Nullable Claim tryTake(Path folder) {
    Path file = folder.toAbsolutePath().normalize().resolve(FILE);
    if (!HELD_HERE.add(file)) {
      return null;
    }
    Claim claim = null;
    try {
      claim = lock(file);
      return claim;
    } catch (IOException failure) {
      throw new InvalidInputException(
          "cannot write " + folder + ": " + WholeFile.reason(failure), failure);
    } finally {
      if (claim == null) {
        HELD_HERE.remove(file);
      }
    }
  }

  /** As {@link #tryTake}, once whoever holds the folder has given it back. */
  static Claim take(Path folder) {
    while (true) {
      Claim claim = tryTake(folder);
      if (claim != null) {
        return claim;
      }
      try {
        Thread.sleep(POLL_MILLISECONDS);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new InvalidInputException("interrupted while waiting for " + folder, interrupted);
      }
    }
  }

  private static @Nullable Claim lock(Path file) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        Files.createDirectories(file.getParent());
        FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean locked = false;
        try {
          Object before = identity(file);
          FileLock lock = channel.tryLock();
          if (lock == null) {
            return null;
          }
          locked = Objects.equals(before, identity(file));
          if (locked) {
            return new Claim(file, channel);
          }
        } finally {
          if (!locked) {
            channel.close();
          }
        }
      } catch (NoSuchFileException removed) {
        if (attempt == MAX_ATTEMPTS) {
          throw removed;
        }
      }
      // The holder removed file or folder between our opening and our locking it: look again.
    }
  }

  private static @Nullable Object identity(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  /** Gives the folder back, and removes it when nothing is in it. */
  @Override
  public void close() {
    try {
      Files.deleteIfExists(file);
      channel.close();
      Files.deleteIfExists(file.getParent());
    } catch (DirectoryNotEmptyException holdsFiles) {
      return;
    } catch (IOException failure) {
      throw new InvalidInputException(
          "cannot remove " + file + ": " + WholeFile.reason(failure), failure);
    } finally {
      HELD_HERE.remove(file);
    }
  }
}
