package org.basin.plan;

import java.util.List;

/**
 * A point's replicas in disjoint pairs: of their seeds in ascending order the first with the
 * second, the third with the fourth, and so on.
 */
public final class SeedPairs {
  private SeedPairs() {}

  /** What a replica is in its pair. */
  public enum Role {
    /** The one with the smaller seed. */
    FIRST,
    /** The one with the larger seed. */
    SECOND,
    /** The last of an odd number, without a partner. */
    ALONE
  }

  /** What {@code replica} is among those of its point. */
  public static Role role(Replica replica) {
    List<Long> seeds = ascending(replica);
    int at = seeds.indexOf(replica.seed());
    if (at % 2 == 1) {
      return Role.SECOND;
    }
    return at + 1 < seeds.size() ? Role.FIRST : Role.ALONE;
  }

  /**
   * The second of the pair that {@code replica} is the first of.
   *
   * @throws IllegalArgumentException when it is not
   */
  public static Replica partner(Replica replica) {
    if (role(replica) != Role.FIRST) {
      throw new IllegalArgumentException(replica.folder() + " is not the first of a pair");
    }
    List<Long> seeds = ascending(replica);
    return new Replica(replica.point(), seeds.get(seeds.indexOf(replica.seed()) + 1));
  }

  private static List<Long> ascending(Replica replica) {
    return replica.point().seeds().stream().sorted().toList();
  }
}
