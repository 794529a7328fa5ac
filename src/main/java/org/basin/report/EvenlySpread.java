package org.basin.report;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** A part of many rows, evenly spread over them, the first and last among it. */
final class EvenlySpread {
  private EvenlySpread() {}

  /** Places of at most {@code limit} (2 or more) of {@code count} rows, ascending. */
  static int[] places(int count, int limit) {
    return count <= limit
        ? IntStream.range(0, count).toArray()
        : IntStream.range(0, limit)
            .map(i -> (int) ((long) i * (count - 1) / (limit - 1)))
            .toArray();
  }

  /** At most {@code limit} (2 or more) of the rows. */
  static <T> List<T> of(List<T> rows, int limit) {
    return rows.size() <= limit
        ? rows
        : Arrays.stream(places(rows.size(), limit)).<T>mapToObj(rows::get).toList();
  }
}
