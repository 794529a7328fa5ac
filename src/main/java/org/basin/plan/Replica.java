package org.basin.plan;

/**
 * One network to be trained once.
 *
 * @param point what it shares with its siblings
 * @param seed its root seed
 */
public record Replica(Point point, long seed) {
  /** Its folder relative to the run's, e.g. {@code width=256-1f3c9a2b/seed=3}. */
  public String folder() {
    return point.name() + "/seed=" + seed;
  }
}
