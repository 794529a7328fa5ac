package org.basin.engine.cuda;

/**
 * Buffers for several vectors or points at once: for a few from the start, and for as many as calls
 * bring, up to a part of the GPU's memory. That part is of all that there is, not of what is free,
 * so that what is computed together, and with it the order in which cuBLAS adds, does not depend on
 * what runs beside it; unless the memory is taken: growth waits for nobody.
 *
 * @param <B> the buffers
 */
final class GrowingBuffers<B> implements AutoCloseable {
  /** Part of the GPU's memory up to which buffers grow. */
  private static final int MEMORY_PART = 8;

  /** Most blocks of a grid along y. */
  private static final int MOST = 65_535;

  private final GpuMemory memory;
  private final Reservation<B> reservation;
  private final B least;
  private final int fewest;
  private B buffers;
  private int capacity;
  private int asked;
  private long freeThen; // when that was asked
  private DeviceArena arena;

  /** How buffers are reserved. */
  interface Reservation<B> {
    /** Reserves buffers for {@code capacity} items. */
    B in(DeviceArena arena, int capacity);
  }

  /**
   * Buffers that have not grown.
   *
   * @param least for the fewest items, in an arena of somebody else's
   * @param fewest how many those are
   */
  GrowingBuffers(GpuMemory memory, Reservation<B> reservation, B least, int fewest) {
    this.memory = memory;
    this.reservation = reservation;
    this.least = least;
    this.fewest = fewest;
    buffers = least;
    capacity = fewest;
    asked = fewest;
    arena = new DeviceArena(memory);
  }

  /**
   * Makes room for {@code count} items, or for fewer where memory does not hold them.
   *
   * @param stream whose work uses the buffers; waits for it before they go
   * @return whether the buffers are new, with arrays that hold nothing yet
   */
  boolean reserve(Stream stream, int count) {
    if (count <= capacity || (count <= asked && memory.free() <= freeThen)) {
      return false;
    }
    stream.synchronize(); // after a call that failed, work may be under way
    arena.close();
    buffers = least;
    capacity = fewest;
    boolean grown = grow(count);
    asked = count;
    freeThen = memory.free();
    return grown;
  }

  private boolean grow(int count) {
    for (int trial = Math.min(count, MOST); trial > fewest; trial = Math.ceilDiv(trial, 2)) {
      DeviceArena room = new DeviceArena(memory);
      B larger = reservation.in(room, trial);
      if (room.bytes() <= memory.whole() / MEMORY_PART && room.tryAllocate()) {
        arena = room;
        buffers = larger;
        capacity = trial;
        return true;
      }
    }
    return false;
  }

  /** The buffers. */
  B buffers() {
    return buffers;
  }

  /** Most items at once. */
  int capacity() {
    return capacity;
  }

  @Override
  public void close() {
    arena.close();
  }
}
