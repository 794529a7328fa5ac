package org.basin.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.basin.measurement.Table;
import org.junit.jupiter.api.Test;

class LossGridTest {

  @Test
  void rowsFindTheirPlaceAndWhatIsMissingIsNoNumber() {
    LossGrid grid =
        LossGrid.of(
            new Table.Builder("plane-random", "alpha", "beta", "loss")
                .row(1, -1, 4)
                .row(0, 2, Double.POSITIVE_INFINITY)
                .row(0, -1, 1)
                .build(),
            "loss");

    assertArrayEquals(new double[] {0, 1}, grid.alphas());
    assertArrayEquals(new double[] {-1, 2}, grid.betas());
    assertArrayEquals(new double[] {1, Double.POSITIVE_INFINITY}, grid.values()[0]);
    assertArrayEquals(new double[] {4, Double.NaN}, grid.values()[1]);
  }

  @Test
  void thinnedKeepsTheEndsAndTheMiddle() {
    Table.Builder table = new Table.Builder("plane-random", "alpha", "beta", "loss");
    for (int i = -25; i <= 25; i++) {
      for (int j = -25; j <= 25; j++) {
        table.row(i, j, 100 * i + j);
      }
    }
    LossGrid thin = LossGrid.of(table.build(), "loss").thinned(21);

    assertEquals(21, thin.alphas().length);
    assertEquals(-25, thin.alphas()[0]);
    assertEquals(0, thin.alphas()[10]);
    assertEquals(25, thin.betas()[20]);
    for (int i = 0; i < 21; i++) {
      for (int j = 0; j < 21; j++) {
        assertEquals(100 * thin.alphas()[i] + thin.betas()[j], thin.values()[i][j]);
      }
    }
  }
}
