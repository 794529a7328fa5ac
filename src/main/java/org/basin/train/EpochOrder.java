package org.basin.train;

import java.util.SplittableRandom;
import org.basin.RandomPermutation;
import org.basin.RandomStreams;

/**
 * The order in which a training takes its examples: each epoch a shuffle of the one before, the
 * same in every engine; as they are where one batch holds all of them.
 */
public final class EpochOrder {
  private final int[] order;
  private final boolean shuffled;
  private final SplittableRandom random;

  /**
   * The order of a training before its first epoch.
   *
   * @param examples number of training examples
   * @param batch examples a step
   * @param seed root seed of the training
   */
  public EpochOrder(int examples, int batch, long seed) {
    order = new int[examples];
    for (int i = 0; i < examples; i++) {
      order[i] = i;
    }
    shuffled = batch < examples;
    random = RandomStreams.of(seed).shuffle();
  }

  /** Indices of the training examples in the order of the next epoch; overwritten by the next. */
  public int[] next() {
    if (shuffled) {
      RandomPermutation.shuffle(order, random);
    }
    return order;
  }
}
