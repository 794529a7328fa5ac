package org.basin.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.basin.train.HistoryRow;

/** Histories made small enough to draw. */
final class LearningCurves {
  private LearningCurves() {}

  /**
   * Mean over several histories, row by row, at the steps that all of them have: it ends where the
   * first of them ends, so that it is never a mean over the ones that happened to go on.
   */
  static List<HistoryRow> mean(List<List<HistoryRow>> histories) {
    Map<Long, List<HistoryRow>> byStep = new HashMap<>();
    for (List<HistoryRow> history : histories) {
      for (HistoryRow row : history) {
        byStep.computeIfAbsent(row.step(), _ -> new ArrayList<>()).add(row);
      }
    }
    return byStep.values().stream()
        .filter(rows -> rows.size() == histories.size())
        .map(LearningCurves::meanRow)
        .sorted(Comparator.comparingLong(HistoryRow::step))
        .toList();
  }

  private static HistoryRow meanRow(List<HistoryRow> rows) {
    return new HistoryRow(
        rows.getFirst().step(),
        rows.getFirst().epoch(),
        mean(rows, HistoryRow::learningRate),
        mean(rows, HistoryRow::trainLoss),
        mean(rows, HistoryRow::trainError),
        mean(rows, HistoryRow::validationLoss),
        mean(rows, HistoryRow::validationError),
        mean(rows, HistoryRow::testLoss),
        mean(rows, HistoryRow::testError),
        mean(rows, HistoryRow::gradientNorm));
  }

  /** Arithmetic mean; not finite when one of the figures is not. */
  private static double mean(List<HistoryRow> rows, ToDoubleFunction<HistoryRow> figure) {
    double sum = 0;
    for (HistoryRow row : rows) {
      sum += figure.applyAsDouble(row);
    }
    return sum / rows.size();
  }
}
