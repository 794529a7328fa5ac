package org.basin.data;

import org.hipparchus.random.MersenneTwister;

/**
 * The draws of NumPy's legacy {@code numpy.random.RandomState}, bit for bit, on MT19937 (Matsumoto
 * and Nishimura 1998).
 *
 * <p>NumPy froze this stream (NEP 19), so data that was once generated with {@code
 * numpy.random.seed} can be generated again anywhere. Only the draws that MNIST-1D needs are here.
 */
final class NumpyRandomState {
  private final MersenneTwister twister;
  private double spareGaussian = Double.NaN;

  /** The state after {@code numpy.random.seed(seed)}; {@code seed} is from 0 to 2^32 - 1. */
  NumpyRandomState(long seed) {
    // The int constructor is init_genrand(seed); the long one would seed by array.
    twister = new MersenneTwister((int) seed);
  }

  /** Uniform on [0, 1) with 53 bits: {@code rand()}. */
  double uniform() {
    int high = twister.nextInt() >>> 5;
    int low = twister.nextInt() >>> 6;
    return (high * 67108864.0 + low) / 9007199254740992.0;
  }

  /** Standard normal by Marsaglia's polar method, the second of each pair kept: {@code randn()}. */
  double gaussian() {
    if (!Double.isNaN(spareGaussian)) {
      double kept = spareGaussian;
      spareGaussian = Double.NaN;
      return kept;
    }
    double x;
    double y;
    double squaredRadius;
    do {
      x = 2.0 * uniform() - 1.0;
      y = 2.0 * uniform() - 1.0;
      squaredRadius = x * x + y * y;
    } while (squaredRadius >= 1.0 || squaredRadius == 0.0);
    double factor = Math.sqrt(-2.0 * Math.log(squaredRadius) / squaredRadius);
    spareGaussian = factor * x;
    return factor * y;
  }

  /** Uniform on 0..bound-1 by masked rejection: {@code choice(bound)}, {@code randint(bound)}. */
  int below(int bound) {
    int largest = bound - 1;
    if (largest == 0) {
      return 0; // NumPy draws nothing here either
    }
    int mask = -1 >>> Integer.numberOfLeadingZeros(largest);
    int drawn;
    do {
      drawn = twister.nextInt() & mask;
    } while (drawn > largest);
    return drawn;
  }

  /** A permutation of 0..count-1 by Fisher and Yates from the end: {@code permutation(count)}. */
  int[] permutation(int count) {
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      order[i] = i;
    }
    for (int i = count - 1; i > 0; i--) {
      int j = below(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }
}
