package org.basin.engine.cuda;

import org.basin.engine.cuda.DeviceArena.Words;
import org.basin.engine.cuda.KrylovSteps.Row;

/**
 * Where the recurrences of one objective lie in a GPU's memory: those of its sequences, which stay,
 * and those of a few guests, vectors that meet a sequence's basis in one call.
 */
final class KrylovArrays {
  /** Guests at once. */
  static final int GUESTS = 8;

  private final int size;
  private final int count;
  private final int capacity;
  private final Words bases; // [count, capacity, n]
  private final Words directions; // [count + GUESTS, n], doubles
  private final Words guests; // [GUESTS, n]
  private final Words numbers; // [count + GUESTS, NORMS + capacity], doubles
  private final Words corrections; // [count + GUESTS, capacity], doubles
  private final Words parts; // [count + GUESTS, capacity + 1, chunks], doubles
  private final Words rows;

  /**
   * Reserves the arrays.
   *
   * @param size n, the length of a vector
   * @param count number of sequences
   * @param capacity most vectors in a basis
   */
  KrylovArrays(DeviceArena arena, int size, int count, int capacity) {
    this.size = size;
    this.count = count;
    this.capacity = capacity;
    long all = (long) count + GUESTS;
    bases = arena.reserve((long) count * capacity * size);
    directions = arena.reserveDoubles(all * size);
    guests = arena.reserve((long) GUESTS * size);
    numbers = arena.reserveDoubles(all * stride());
    corrections = arena.reserveDoubles(all * capacity);
    parts = arena.reserveDoubles(all * (capacity + 1) * KrylovSteps.chunks(size));
    rows = KrylovSteps.reserve(arena, GUESTS);
  }

  int capacity() {
    return capacity;
  }

  /** Where the rows of what sequences and guests do apart are written. */
  Words rows() {
    return rows;
  }

  /** Doubles from the numbers of a sequence or guest to those of the next. */
  int stride() {
    return KrylovSteps.reportStride(capacity);
  }

  /** The number of a guest behind the sequences. */
  int guest(int number) {
    return count + number;
  }

  /** The bases, at the word {@link #vector}. */
  Words bases() {
    return bases;
  }

  /** Word of a vector of a basis. */
  long vector(int sequence, int index) {
    return ((long) sequence * capacity + index) * size;
  }

  /** The directions, doubles; a sequence's or guest's at the word {@link #direction}. */
  Words directions() {
    return directions;
  }

  /** Word of a direction. */
  long direction(int number) {
    return 2L * number * size;
  }

  /** Norms and coefficients, doubles; a sequence's or guest's at the word {@link #number}. */
  Words numbers() {
    return numbers;
  }

  /** Word of a sequence's or guest's first number. */
  long number(int number) {
    return 2L * number * stride();
  }

  /** Guests that were combined, {@code [GUESTS, n]}. */
  Words guests() {
    return guests;
  }

  /** A sequence that takes a vector into its basis, and then the vector's product. */
  Row step(int sequence, int dimension, long vector, long product, long subtractedRow) {
    long slot = bases.address(vector(sequence, dimension - 1));
    return row(sequence, sequence, dimension, slot, vector, product, subtractedRow);
  }

  /** A direction that meets a basis: a sequence its own, or a guest. */
  Row meeting(int number, int sequence, int dimension) {
    long vector = number < count ? 0 : guests.address((long) (number - count) * size);
    return row(number, sequence, dimension, 0, vector, 0, 0);
  }

  private Row row(
      int number,
      int sequence,
      int dimension,
      long slot,
      long vector,
      long product,
      long subtractedRow) {
    return new Row(
        bases.address(vector(sequence, 0)),
        slot,
        vector,
        product,
        subtractedRow,
        directions.address(direction(number)),
        numbers.address(number(number)),
        corrections.address(2L * number * capacity),
        parts.address(2L * number * (capacity + 1) * KrylovSteps.chunks(size)),
        dimension);
  }
}
