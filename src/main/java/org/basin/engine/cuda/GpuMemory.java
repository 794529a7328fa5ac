package org.basin.engine.cuda;

import java.util.HashMap;
import java.util.Map;

/**
 * What is taken of a GPU's memory: a stack states its sum before it allocates anything, and waits
 * until others have given back what it needs.
 */
final class GpuMemory {
  /** Share of the memory that was free at the start; the rest is the driver's own. */
  private static final double SHARE = 0.9;

  private final CudaDriver driver;
  private final long whole;
  private final long total;
  private final Map<Thread, Integer> holders = new HashMap<>(); // and how many blocks they hold
  private long taken;

  /**
   * The memory that is free now on the calling thread's GPU.
   *
   * @param whole bytes that the GPU has
   */
  GpuMemory(CudaDriver driver, long whole) {
    this.driver = driver;
    this.whole = whole;
    total = (long) (SHARE * driver.freeMemory());
  }

  /**
   * Bytes that the GPU has, whoever has them now: what is chosen by them is chosen alike whatever
   * else, a desktop or another process, is on the GPU.
   */
  long whole() {
    return whole;
  }

  /** Bytes that can be taken when nobody has taken any. */
  long total() {
    return total;
  }

  /** Bytes that nobody has taken. */
  synchronized long free() {
    return total - taken;
  }

  /**
   * Allocates one block of memory, when there is room beside what others have taken. A thread that
   * holds some already does not wait for more: two such threads could wait for each other.
   *
   * @return its address, aligned to 256 bytes
   * @throws CudaException of kind OUT_OF_MEMORY when it would never fit, the driver has less than
   *     it said, or others have taken it and this thread may not wait
   * @throws InterruptedException when the thread was interrupted while it waited
   */
  long allocate(long bytes) throws InterruptedException {
    synchronized (this) {
      if (bytes > total) {
        throw new CudaException(
            CudaException.Kind.OUT_OF_MEMORY,
            "%,d MiB of GPU memory are needed, available: %,d MiB"
                .formatted(mebibytes(bytes), mebibytes(total)));
      }
      while (bytes > total - taken) {
        if (holders.containsKey(Thread.currentThread())) {
          throw new CudaException(
              CudaException.Kind.OUT_OF_MEMORY,
              "%,d MiB of GPU memory are needed beside what is in use, available: %,d MiB; start fewer at once (--workers)"
                  .formatted(mebibytes(bytes), mebibytes(total - taken)));
        }
        wait();
      }
      take(bytes);
    }
    return allocateTaken(bytes);
  }

  /**
   * As {@link #allocate}, without waiting.
   *
   * @return its address; 0 when there is no room for it now
   */
  long tryAllocate(long bytes) {
    synchronized (this) {
      if (bytes > total - taken) {
        return 0;
      }
      take(bytes);
    }
    try {
      return allocateTaken(bytes);
    } catch (CudaException failure) {
      if (failure.kind() != CudaException.Kind.OUT_OF_MEMORY) {
        throw failure;
      }
      return 0;
    }
  }

  private long allocateTaken(long bytes) {
    try {
      return driver.allocate(bytes);
    } catch (CudaException failure) {
      giveBack(bytes, Thread.currentThread());
      throw failure;
    }
  }

  /** Rounded up. */
  static long mebibytes(long bytes) {
    return Math.ceilDiv(bytes, 1 << 20);
  }

  /**
   * Frees a block of {@code bytes}.
   *
   * @param holder the thread that allocated it
   */
  void free(long address, long bytes, Thread holder) {
    try {
      driver.free(address);
    } finally {
      giveBack(bytes, holder);
    }
  }

  private void take(long bytes) {
    taken += bytes;
    holders.merge(Thread.currentThread(), 1, Integer::sum);
  }

  private synchronized void giveBack(long bytes, Thread holder) {
    taken -= bytes;
    holders.computeIfPresent(holder, (_, blocks) -> blocks == 1 ? null : blocks - 1);
    notifyAll();
  }
}
