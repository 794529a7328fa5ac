package org.basin.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.basin.train.HistoryRow;
import org.junit.jupiter.api.Test;

class LearningCurvesTest {

  @Test
  void meanEndsWhereTheFirstEnds() {
    List<HistoryRow> mean =
        LearningCurves.mean(
            List.of(List.of(row(0, 4), row(10, 2), row(20, 0)), List.of(row(0, 2), row(10, 1))));

    assertEquals(List.of(0L, 10L), mean.stream().map(HistoryRow::step).toList());
    assertEquals(List.of(3.0, 1.5), mean.stream().map(HistoryRow::trainLoss).toList());
    assertTrue(Double.isNaN(mean.getFirst().validationLoss()));
  }

  private static HistoryRow row(long step, double loss) {
    return new HistoryRow(
        step, (int) step, 0.1, loss, 0, Double.NaN, Double.NaN, loss, 0, Double.NaN);
  }
}
