package org.basin.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.basin.config.ReplicaConfig;
import org.basin.plan.SeedPairs.Role;
import org.junit.jupiter.api.Test;

final class SeedPairsTest {
  private static Replica replica(long seed, Long... seeds) {
    return new Replica(
        new Point("p", Map.of(), ReplicaConfig.DEFAULTS, "hash", List.of(seeds)), seed);
  }

  @Test
  void seedsInAscendingOrderPairUp() {
    Long[] seeds = {9L, 2L, 7L, -1L, 4L};
    assertEquals(Role.FIRST, SeedPairs.role(replica(-1, seeds)));
    assertEquals(Role.SECOND, SeedPairs.role(replica(2, seeds)));
    assertEquals(Role.FIRST, SeedPairs.role(replica(4, seeds)));
    assertEquals(Role.SECOND, SeedPairs.role(replica(7, seeds)));
    assertEquals(Role.ALONE, SeedPairs.role(replica(9, seeds)));
    assertEquals(2, SeedPairs.partner(replica(-1, seeds)).seed());
    assertEquals(7, SeedPairs.partner(replica(4, seeds)).seed());
    assertThrows(IllegalArgumentException.class, () -> SeedPairs.partner(replica(9, seeds)));
    assertEquals(Role.ALONE, SeedPairs.role(replica(1, 1L)));
  }
}
