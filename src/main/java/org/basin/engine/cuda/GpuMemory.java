package org.basin.engine.cuda;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Lock;

/**
 * What is taken of a GPU's memory: a stack states its sum before it allocates anything, and waits
 * until others have given back what it needs.
 *
 * <p>Blocks that are given back are kept for whoever asks for as many bytes: the driver frees
 * memory only when everything on the GPU is done, so that a stack that ends would stop the others.
 * Kept blocks count as free, and are freed when a request finds no room beside them.
 */
final class GpuMemory implements AutoCloseable {
  /** Share of the memory that was free at the start; the rest is the driver's own. */
  private static final double SHARE = 0.9;

  /**
   * Bytes of a page of a GPU's memory (CUDA Driver API, cuMemGetAllocationGranularity). The driver
   * gives out whole ones, so that rounding up to them costs nothing, and lets sizes that are almost
   * the same, as those of a sweep are, take each other's blocks.
   */
  static final long PAGE = 2L << 20;

  private final CudaDriver driver;
  private final Lock alone;
  private final long whole;
  private final long total;
  private final Map<Thread, Integer> holders = new HashMap<>(); // and how many blocks they hold
  private final Map<Long, Deque<Long>> kept = new HashMap<>(); // addresses, by size
  private long taken;
  private long keptBytes;

  /**
   * The memory that is free now on the calling thread's GPU.
   *
   * @param alone held while memory is freed, as who records a stream holds it: freeing waits for
   *     everything on the GPU, which breaks recordings
   * @param whole bytes that the GPU has
   */
  GpuMemory(CudaDriver driver, Lock alone, long whole) {
    this.driver = driver;
    this.alone = alone;
    this.whole = whole;
    total = (long) (SHARE * driver.freeMemory()) / PAGE * PAGE;
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

  /** What a block of {@code bytes} takes; several of less than a page share one. */
  private static long size(long bytes) {
    return bytes < PAGE ? bytes : Math.ceilDiv(bytes, PAGE) * PAGE;
  }

  /**
   * Takes one block of memory, when there is room beside what others have taken. It holds anything.
   * A thread that holds some already does not wait for more: two such threads could wait for each
   * other.
   *
   * @return its address, aligned to 256 bytes
   * @throws CudaException of kind OUT_OF_MEMORY when it would never fit, the driver has less than
   *     it said, or others have taken it and this thread may not wait
   * @throws InterruptedException when the thread was interrupted while it waited
   */
  synchronized long allocate(long bytes) throws InterruptedException {
    long size = size(bytes);
    if (size > total) {
      throw new CudaException(
          CudaException.Kind.OUT_OF_MEMORY,
          "%,d MiB of GPU memory are needed, available: %,d MiB"
              .formatted(mebibytes(bytes), mebibytes(total)));
    }
    while (size > total - taken) {
      if (holders.containsKey(Thread.currentThread())) {
        throw new CudaException(
            CudaException.Kind.OUT_OF_MEMORY,
            "%,d MiB of GPU memory are needed beside what is in use, available: %,d MiB; start fewer at once (--workers)"
                .formatted(mebibytes(bytes), mebibytes(total - taken)));
      }
      wait();
    }
    return take(size);
  }

  /**
   * As {@link #allocate}, without waiting.
   *
   * @return its address; 0 when there is no room for it now
   */
  synchronized long tryAllocate(long bytes) {
    long size = size(bytes);
    if (size > total - taken) {
      return 0;
    }
    try {
      return take(size);
    } catch (CudaException failure) {
      if (failure.kind() != CudaException.Kind.OUT_OF_MEMORY) {
        throw failure;
      }
      return 0;
    }
  }

  private long take(long size) {
    Deque<Long> same = kept.get(size);
    long address;
    if (same == null) {
      address = allocateNew(size);
    } else {
      address = same.pop();
      forget(size, same);
    }
    taken += size;
    holders.merge(Thread.currentThread(), 1, Integer::sum);
    return address;
  }

  private long allocateNew(long size) {
    if (size > total - taken - keptBytes) {
      freeKept();
    }
    try {
      return driver.allocate(size);
    } catch (CudaException failure) {
      if (failure.kind() != CudaException.Kind.OUT_OF_MEMORY || kept.isEmpty()) {
        throw failure;
      }
      freeKept();
      return driver.allocate(size);
    }
  }

  private void freeKept() {
    alone.lock();
    try {
      while (!kept.isEmpty()) {
        Map.Entry<Long, Deque<Long>> any = kept.entrySet().iterator().next();
        long address = any.getValue().pop();
        forget(any.getKey(), any.getValue()); // whatever happens, it is freed once
        driver.free(address);
      }
    } finally {
      alone.unlock();
    }
  }

  /** A block of {@code size} was taken off the {@code same}. */
  private void forget(long size, Deque<Long> same) {
    keptBytes -= size;
    if (same.isEmpty()) {
      kept.remove(size);
    }
  }

  /** Rounded up. */
  static long mebibytes(long bytes) {
    return Math.ceilDiv(bytes, 1 << 20);
  }

  /**
   * Gives a block of {@code bytes} back. Nothing that was enqueued may use it any more: the next
   * holder may write to it at once.
   *
   * @param holder the thread that allocated it
   */
  synchronized void free(long address, long bytes, Thread holder) {
    long size = size(bytes);
    kept.computeIfAbsent(size, _ -> new ArrayDeque<>()).push(address);
    keptBytes += size;
    taken -= size;
    holders.computeIfPresent(holder, (_, blocks) -> blocks == 1 ? null : blocks - 1);
    notifyAll();
  }

  /** Frees the blocks that are kept. */
  @Override
  public synchronized void close() {
    freeKept();
  }
}
