package org.basin.engine.cuda;

/**
 * What is taken of a GPU's memory: a stack states its sum before it allocates anything, and waits
 * until others have given back what it needs.
 */
final class GpuMemory {
  /** Share of the memory that was free at the start; the rest is the driver's own. */
  private static final double SHARE = 0.9;

  private final CudaDriver driver;
  private final long total;
  private long taken;

  /** The memory that is free now on the calling thread's GPU. */
  GpuMemory(CudaDriver driver) {
    this.driver = driver;
    total = (long) (SHARE * driver.freeMemory());
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
   * Allocates one block of memory, when there is room beside what others have taken.
   *
   * @return its address, aligned to 256 bytes
   * @throws CudaException of kind OUT_OF_MEMORY when it would never fit, or the driver has less
   *     than it said
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
        wait();
      }
      taken += bytes;
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
      taken += bytes;
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
      giveBack(bytes);
      throw failure;
    }
  }

  /** Rounded up. */
  static long mebibytes(long bytes) {
    return Math.ceilDiv(bytes, 1 << 20);
  }

  /** Frees a block of {@code bytes}. */
  void free(long address, long bytes) {
    try {
      driver.free(address);
    } finally {
      giveBack(bytes);
    }
  }

  private synchronized void giveBack(long bytes) {
    taken -= bytes;
    notifyAll();
  }
}
