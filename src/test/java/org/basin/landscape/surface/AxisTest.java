package org.basin.landscape.surface;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Coordinates: 0 is one of them, and everything that is to be covered lies between the ends. */
class AxisTest {

  @Test
  void fromMinusOneToOne() {
    Axis axis = Axis.symmetric(1, 51);
    assertEquals(-1, axis.at(0));
    assertEquals(-0.96, axis.at(1), 1e-15);
    assertEquals(0, axis.at(25));
    assertEquals(1, axis.at(50));
  }

  @Property(seed = "3", tries = 300)
  void aPathIsCoveredWithAMarginAndTheNetworkIsAPoint(
      @ForAll @Size(min = 1, max = 5) List<@DoubleRange(min = -1e3, max = 1e3) Double> path,
      @ForAll @IntRange(min = 1, max = 250) int half) {
    double low = 0;
    double high = 0;
    for (double coordinate : path) {
      low = Math.min(low, coordinate);
      high = Math.max(high, coordinate);
    }
    if (high == low) {
      return;
    }
    Axis axis =
        Axis.covering(path.stream().mapToDouble(Double::doubleValue).toArray(), 2 * half + 1);
    double margin = 0.0999 * (high - low);
    assertTrue(axis.at(0) <= low - margin, axis::toString);
    assertTrue(axis.at(2 * half) >= high + margin, axis::toString);
    assertEquals(0, axis.at(axis.centre()));
    assertTrue(axis.centre() >= 0 && axis.centre() <= 2 * half, axis::toString);
  }
}
