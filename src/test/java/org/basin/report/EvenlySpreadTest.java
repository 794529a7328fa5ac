package org.basin.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EvenlySpreadTest {

  @Test
  void bothEndsAreKept() {
    List<Integer> rows = IntStream.range(0, 1001).boxed().toList();
    assertEquals(
        List.of(0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000), EvenlySpread.of(rows, 11));
    assertArrayEquals(new int[] {0, 3, 6}, EvenlySpread.places(7, 3));
  }

  @Test
  void fewRowsAreAllKept() {
    List<Integer> rows = List.of(3, 1, 2);
    assertEquals(rows, EvenlySpread.of(rows, 3));
    assertArrayEquals(new int[] {0, 1, 2}, EvenlySpread.places(3, 4));
    assertArrayEquals(new int[0], EvenlySpread.places(0, 2));
  }
}
