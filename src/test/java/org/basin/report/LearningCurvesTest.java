package org.basin.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
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

  @Test
  void thinningKeepsBothEnds() {
    List<HistoryRow> rows = new ArrayList<>();
    for (int i = 0; i < 1001; i++) {
      rows.add(row(i, i));
    }
    List<HistoryRow> thin = LearningCurves.thin(rows, 11);

    assertEquals(
        List.of(0L, 100L, 200L, 300L, 400L, 500L, 600L, 700L, 800L, 900L, 1000L),
        thin.stream().map(HistoryRow::step).toList());
    assertEquals(rows, LearningCurves.thin(rows, 1001));
  }

  private static HistoryRow row(long step, double loss) {
    return new HistoryRow(
        step, (int) step, 0.1, loss, 0, Double.NaN, Double.NaN, loss, 0, Double.NaN);
  }
}
