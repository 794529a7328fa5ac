package org.basin;

import java.util.SplittableRandom;

/** Random orders, each of the n! as likely as another (Fisher and Yates; Durstenfeld 1964). */
public final class RandomPermutation {
  private RandomPermutation() {}

  /** The numbers from 0 to {@code count - 1} in random order, built from the front. */
  public static int[] of(int count, SplittableRandom random) {
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  /** Puts {@code order} into random order, from the back. */
  public static void shuffle(int[] order, SplittableRandom random) {
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int held = order[i];
      order[i] = order[j];
      order[j] = held;
    }
  }
}
