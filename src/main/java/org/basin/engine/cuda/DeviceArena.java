package org.basin.engine.cuda;

/**
 * One block of a GPU's memory, cut into arrays: first all are {@link #reserve reserved}, then the
 * sum is allocated, and only then have they addresses. So the need is known before anything is
 * allocated, and everything goes back at once.
 */
final class DeviceArena implements AutoCloseable {
  /** Every array starts where the widest accesses are aligned. */
  private static final long ALIGNMENT = 256;

  private final GpuMemory memory;
  private long bytes;
  private long address;
  private Thread holder = Thread.currentThread(); // that allocated it

  /** An arena without arrays. */
  DeviceArena(GpuMemory memory) {
    this.memory = memory;
  }

  /**
   * An array, {@code count} values of 4 bytes.
   *
   * @param offset in the arena, bytes
   * @param count values of 4 bytes
   */
  record Words(DeviceArena arena, long offset, long count) {
    /** Its address on the GPU; the arena must be allocated. */
    long address() {
      return arena.address + offset;
    }

    /** The address of a value. */
    long address(long index) {
      return address() + 4 * index;
    }

    /** Its length. */
    long bytes() {
      return 4 * count;
    }
  }

  /** Reserves an array of {@code count} values of 4 bytes. */
  Words reserve(long count) {
    if (address != 0) {
      throw new IllegalStateException("the arena is allocated");
    }
    Words words = new Words(this, bytes, count);
    bytes += Math.ceilDiv(Math.max(1, 4 * count), ALIGNMENT) * ALIGNMENT;
    return words;
  }

  /** Reserves an array of {@code count} values of 8 bytes; its words are their halves. */
  Words reserveDoubles(long count) {
    return reserve(2 * count);
  }

  /** Bytes of all that was reserved. */
  long bytes() {
    return bytes;
  }

  /**
   * Allocates them.
   *
   * @throws CudaException of kind OUT_OF_MEMORY when there are not as many
   * @throws InterruptedException when the thread was interrupted while it waited for others
   */
  void allocate() throws InterruptedException {
    address = memory.allocate(bytes);
    holder = Thread.currentThread();
  }

  /** Allocates them, unless there is no room for them now; returns whether it did. */
  boolean tryAllocate() {
    address = memory.tryAllocate(bytes);
    holder = Thread.currentThread();
    return address != 0;
  }

  /** Gives all back; nothing that was enqueued may use it any more. */
  @Override
  public void close() {
    if (address != 0) {
      long freed = address;
      address = 0;
      memory.free(freed, bytes, holder);
    }
  }
}
