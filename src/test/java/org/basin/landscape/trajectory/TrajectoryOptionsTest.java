package org.basin.landscape.trajectory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.basin.InvalidSettingException;
import org.junit.jupiter.api.Test;

class TrajectoryOptionsTest {

  private static List<Long> looks(TrajectoryOptions options, long steps) {
    List<Long> looks = new ArrayList<>();
    for (long at = options.next(0, steps); at <= steps; at = options.next(at + 1, steps)) {
      looks.add(at);
    }
    return looks;
  }

  @Test
  void everySoManyStepsAndTheLast() {
    assertEquals(List.of(0L, 4L, 8L, 10L), looks(new TrajectoryOptions(4, false, 32), 10));
    assertEquals(List.of(0L, 5L, 10L), looks(new TrajectoryOptions(5, false, 32), 10));
    assertEquals(List.of(0L, 10L), looks(new TrajectoryOptions(1000, false, 32), 10));
  }

  @Test
  void aDenseStartHasThePowersOfTwoBeforeTheFirstOfThese() {
    assertEquals(
        List.of(0L, 1L, 2L, 4L, 8L, 10L, 20L, 25L), looks(new TrajectoryOptions(10, true, 32), 25));
  }

  @Test
  void aboutFiftyLooksByDefault() {
    assertEquals(51, looks(TrajectoryOptions.DEFAULTS, 5000).size());
    assertEquals(8, looks(TrajectoryOptions.DEFAULTS, 7).size());
  }

  @Property(seed = "1")
  void theNextLookIsNotBeforeAndIsItsOwnNext(
      @ForAll @IntRange(min = 0, max = 5000) int step,
      @ForAll @IntRange(min = 1, max = 3000) int steps,
      @ForAll @IntRange(min = 1, max = 300) int every,
      @ForAll boolean dense) {
    TrajectoryOptions options = new TrajectoryOptions(every, dense, 32);
    long next = options.next(step, steps);
    assertTrue(next >= step);
    assertEquals(next, options.next(next, steps));
    assertTrue(next < step + every);
  }

  @Test
  void whatIsAllowed() {
    assertThrows(InvalidSettingException.class, () -> new TrajectoryOptions(0, false, 32));
    assertThrows(InvalidSettingException.class, () -> new TrajectoryOptions(null, false, 1));
  }
}
