package org.basin.data;

/** How a training label is corrupted; the constants are allowed for {@code labelNoise.kind}. */
public enum LabelNoise {
  /** Labels stay as they are. */
  NONE,
  /**
   * Redrawn uniformly over all K classes, so the right one comes back with probability 1/K
   * (Nakkiran et al. 2020; Greydanus and Kobak 2020).
   */
  REDRAW,
  /** Moved to one of the K-1 other classes, uniformly. */
  FLIP
}
