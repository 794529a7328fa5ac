package org.basin.engine.cpu;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A value for each unit of a layer and each example of a batch, {@code [units (+ 1), rows]}: a
 * unit's examples stand side by side, its row is as long as the batch at hand, and a further row of
 * ones meets the biases of the next layer.
 */
final class UnitRows {
  final float[] values;
  final MemorySegment view;
  private final int units;
  private final boolean ones;

  /**
   * Zeros.
   *
   * @param ones whether a row of ones follows
   * @param capacity largest batch
   */
  UnitRows(int units, boolean ones, int capacity) {
    this.units = units;
    this.ones = ones;
    values = new float[(units + (ones ? 1 : 0)) * capacity];
    view = MemorySegment.ofArray(values);
  }

  /** Puts the ones where they stand when a batch has {@code rows} examples. */
  void layOut(int rows) {
    if (ones) {
      Arrays.fill(values, units * rows, (units + 1) * rows, 1f);
    }
  }
}
