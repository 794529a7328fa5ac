package org.basin.engine.cuda;

import java.util.Random;

/** Arrays of random numbers, the same for the same seed. */
final class RandomArrays {
  private final Random random;

  RandomArrays(long seed) {
    random = new Random(seed);
  }

  /** Normal numbers, rounded. */
  float[] normal(int count, double mean, double deviation) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (mean + deviation * random.nextGaussian());
    }
    return values;
  }

  /** Whole numbers from 0 to {@code bound} - 1. */
  int[] below(int bound, int count) {
    return random.ints(count, 0, bound).toArray();
  }
}
