package org.basin.train;

/** What the outputs are trained towards. */
public final class Targets {
  private Targets() {}

  /**
   * Smoothed one-hot targets y(1-ε) + ε/K (Szegedy et al. 2016, section 7).
   *
   * @param labels {@code [count]}, each in 0..classes-1
   * @param classes K
   * @param smoothing ε; 0 gives one-hot targets
   * @return {@code [count, classes]}, row-major
   */
  public static float[] smoothed(int[] labels, int classes, double smoothing) {
    float[] targets = new float[labels.length * classes];
    float off = (float) (smoothing / classes);
    float on = (float) (1 - smoothing + smoothing / classes);
    for (int i = 0; i < labels.length; i++) {
      for (int k = 0; k < classes; k++) {
        targets[i * classes + k] = k == labels[i] ? on : off;
      }
    }
    return targets;
  }
}
