package org.basin.engine.cpu;

import java.lang.foreign.MemorySegment;

/**
 * One block of rows a vector, {@code [capacity, rows, stride]}, seen whole (the products with the
 * shared weights) and block by block (those with a vector's own), the views made once.
 */
final class StackedRows {
  static final StackedRows NONE = new StackedRows(0, 0, 0);

  final float[] values;
  final MemorySegment whole;
  private final MemorySegment[] blocks;
  private final int blockSize;

  /** Zeros. */
  StackedRows(int capacity, int rows, int stride) {
    blockSize = rows * stride;
    values = new float[Math.multiplyExact(capacity, blockSize)];
    whole = MemorySegment.ofArray(values);
    blocks = new MemorySegment[capacity];
    for (int j = 0; j < capacity; j++) {
      blocks[j] = whole.asSlice(offset(j) * (long) Float.BYTES);
    }
  }

  /** The rows of vector {@code j}, and what stands behind them. */
  MemorySegment block(int j) {
    return blocks[j];
  }

  /** Where the rows of vector {@code j} start. */
  int offset(int j) {
    return j * blockSize;
  }
}
