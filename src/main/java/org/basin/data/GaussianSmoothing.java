package org.basin.data;

/**
 * Convolution of a signal with a sampled Gaussian of standard deviation 2 samples, cut off at 4
 * deviations and normalised to sum 1; the signal is mirrored at its ends, the end value repeated (d
 * c b a | a b c d | d c b a). These are SciPy's {@code gaussian_filter} defaults, which MNIST-1D
 * uses.
 */
final class GaussianSmoothing {
  private static final double DEVIATION = 2.0;
  private static final int RADIUS = 8;
  private static final double[] KERNEL = kernel();

  private GaussianSmoothing() {}

  /** {@code signal} smoothed; a new array of the same length. */
  static double[] smooth(double[] signal) {
    int length = signal.length;
    double[] smoothed = new double[length];
    for (int i = 0; i < length; i++) {
      double sum = KERNEL[0] * signal[i];
      for (int offset = 1; offset <= RADIUS; offset++) {
        double pair = signal[mirrored(i - offset, length)] + signal[mirrored(i + offset, length)];
        sum += KERNEL[offset] * pair;
      }
      smoothed[i] = sum;
    }
    return smoothed;
  }

  /** The half of the kernel from its centre outwards. */
  private static double[] kernel() {
    double[] half = new double[RADIUS + 1];
    double sum = 0;
    for (int offset = 0; offset <= RADIUS; offset++) {
      half[offset] = Math.exp(-0.5 * offset * offset / (DEVIATION * DEVIATION));
      sum += offset == 0 ? half[offset] : 2 * half[offset];
    }
    for (int offset = 0; offset <= RADIUS; offset++) {
      half[offset] /= sum;
    }
    return half;
  }

  private static int mirrored(int index, int length) {
    int period = Math.floorMod(index, 2 * length);
    return period < length ? period : 2 * length - 1 - period;
  }
}
