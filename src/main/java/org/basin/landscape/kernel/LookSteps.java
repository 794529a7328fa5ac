package org.basin.landscape.kernel;

import java.util.TreeSet;

/** Steps of a training to look at: the first, the last, and between them a constant ratio. */
final class LookSteps {
  private final TreeSet<Long> steps = new TreeSet<>();

  /**
   * Steps 0, 1, ..., {@code last}; fewer than {@code looks} where they would coincide.
   *
   * @param looks at least 2
   */
  LookSteps(int looks, long last) {
    steps.add(0L);
    for (int i = 1; i < looks; i++) {
      double share = looks == 2 ? 1 : (i - 1) / (looks - 2.0);
      steps.add(Math.round(Math.pow((double) last, share)));
    }
  }

  /** The next one, {@code step} itself or later; beyond all of them for none. */
  long next(long step) {
    Long next = steps.ceiling(step);
    return next == null ? Long.MAX_VALUE : next;
  }
}
