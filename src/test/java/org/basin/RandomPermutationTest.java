package org.basin;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RandomPermutationTest {
  private final SplittableRandom random = new SplittableRandom(3);

  @Test
  void everyNumberIsThereOnce() {
    int[] numbers = IntStream.range(0, 100).toArray();
    int[] order = RandomPermutation.of(100, random);
    Arrays.sort(order);
    assertArrayEquals(numbers, order);
    RandomPermutation.shuffle(order, random);
    Arrays.sort(order);
    assertArrayEquals(numbers, order);
  }

  /** 10,000 times each of the six orders of three, standard deviation 91. */
  @Test
  void allOrdersAreAsLikely() {
    equallyLikely(() -> RandomPermutation.of(3, random));
    equallyLikely(
        () -> {
          int[] order = {0, 1, 2};
          RandomPermutation.shuffle(order, random);
          return order;
        });
  }

  private static void equallyLikely(Supplier<int[]> draw) {
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < 60_000; i++) {
      counts.merge(Arrays.toString(draw.get()), 1, Integer::sum);
    }
    assertEquals(6, counts.size());
    counts.forEach((order, count) -> assertEquals(10_000, count, 400, order));
  }
}
