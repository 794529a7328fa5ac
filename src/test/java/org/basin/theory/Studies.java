package org.basin.theory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import org.basin.measurement.Comparison;
import org.basin.measurement.Comparisons;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.measurement.Verdict;

/** What the tests of the studies look at. */
final class Studies {
  private Studies() {}

  static List<Comparison> comparisons(Measurement measurement) {
    return ((Comparisons) measurement.details()).comparisons();
  }

  static Table table(Measurement measurement, String name) {
    return measurement.tables().stream()
        .filter(table -> table.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  static void assertAgrees(Measurement measurement) {
    assertFalse(comparisons(measurement).isEmpty());
    for (Comparison comparison : comparisons(measurement)) {
      assertEquals(Verdict.AGREES, comparison.verdict(), comparison.toString());
    }
  }

  static void assertSame(Measurement one, Measurement other) {
    assertEquals(one.scalars(), other.scalars());
    assertEquals(one.details(), other.details());
    for (int i = 0; i < one.tables().size(); i++) {
      List<double[]> rows = one.tables().get(i).rows();
      for (int row = 0; row < rows.size(); row++) {
        assertArrayEquals(rows.get(row), other.tables().get(i).rows().get(row));
      }
    }
  }
}
