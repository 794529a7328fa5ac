package org.basin.engine.cpu;

import org.basin.InvalidInputException;

/**
 * Keeps the replicas that train at once within the heap: one that does not fit beside the others
 * waits for them, one that would not fit alone is refused before anything is allocated.
 */
final class HeapBudget {
  /** Share of the heap for replicas; the rest is for data, results and the collector. */
  private static final double SHARE = 0.8;

  private final long total;
  private long free;

  /** A budget of the heap's share. */
  HeapBudget() {
    this((long) (SHARE * Runtime.getRuntime().maxMemory()));
  }

  /** A budget of {@code total} bytes. */
  HeapBudget(long total) {
    this.total = total;
    this.free = total;
  }

  /**
   * Refuses what would never fit.
   *
   * @throws InvalidInputException naming the bytes needed and available
   */
  void requireRoom(long bytes) {
    if (bytes > total) {
      throw new InvalidInputException(
          "a network of this size needs %,d MiB, available are %,d MiB of the heap; "
                  .formatted(mebibytes(bytes), mebibytes(total))
              + "allowed: a smaller model or batch, or a larger heap"
              + " (BASIN_JAVA_OPTIONS=-Xmx...)");
    }
  }

  private static long mebibytes(long bytes) {
    return Math.ceilDiv(bytes, 1 << 20);
  }

  /**
   * Takes {@code bytes} out of the budget, waiting until others gave back enough.
   *
   * @throws InvalidInputException when they would never fit
   * @throws InterruptedException when the thread was interrupted while it waited
   */
  synchronized void take(long bytes) throws InterruptedException {
    requireRoom(bytes);
    while (bytes > free) {
      wait();
    }
    free -= bytes;
  }

  /** Gives {@code bytes} back. */
  synchronized void giveBack(long bytes) {
    free += bytes;
    notifyAll();
  }
}
