package org.basin.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.basin.measurement.Figure;
import org.basin.measurement.Figure.Style;
import org.basin.measurement.Figure.Trace;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StudyFiguresTest {
  static String[] names() {
    return StudyCatalog.names().toArray(String[]::new);
  }

  /** Everything that a figure names is in the study's tables, and holds numbers. */
  @ParameterizedTest
  @MethodSource("names")
  void figuresShowWhatThereIs(String name) {
    StudyKind<?> kind = StudyCatalog.find(name);
    Measurement measurement = kind.measure(kind.defaults(), new SplittableRandom(1));
    assertFalse(kind.figures().isEmpty());
    for (Figure figure : kind.figures()) {
      Table table = Studies.table(measurement, figure.table());
      assertTrue(table.columns().contains(figure.x().column()), figure.title());
      assertTrue(figure.traces().stream().anyMatch(t -> t.style() == Style.MEASURED));
      assertTrue(figure.traces().stream().anyMatch(t -> t.style() != Style.MEASURED));
      for (Trace trace : figure.traces()) {
        double[] values = table.column(trace.column());
        assertTrue(Arrays.stream(values).anyMatch(Double::isFinite), trace.label());
        if (trace.low() != null) {
          double[] low = table.column(trace.low());
          double[] high = table.column(trace.high());
          assertTrue(
              IntStream.range(0, values.length)
                  .allMatch(i -> !(low[i] > values[i]) && !(high[i] < values[i])),
              figure.title());
        }
      }
    }
  }

  /** The band about E[u²] is that of the comparison at the last step. */
  @Test
  void bandOfTheMeanSquareIsTheComparisons() {
    Measurement measurement =
        SaddleEscape.measure(SaddleEscapeOptions.DEFAULTS, new SplittableRandom(1));
    Table table = Studies.table(measurement, "isotropicMeanSquare");
    double[] last = table.rows().getLast();
    double predicted = last[table.columns().indexOf("predicted")];
    var comparison =
        Studies.comparisons(measurement).stream()
            .filter(each -> each.quantity().startsWith("mean of u²"))
            .findFirst()
            .orElseThrow();
    assertEquals(comparison.low(), last[table.columns().indexOf("low")] / predicted, 1e-12);
    assertEquals(comparison.high(), last[table.columns().indexOf("high")] / predicted, 1e-12);
  }

  /** Where perturbations add up, the line through two quarters of the chain leads to its end. */
  @Test
  void perturbedChainIsContinuedAtOnePace() {
    Table chain =
        Studies.table(
            ChainEscape.measure(ChainEscapeOptions.DEFAULTS, new SplittableRandom(1)), "chain");
    double[] line = chain.column("perturbedPredicted");
    double[] measured = chain.column("perturbedMedian");
    assertTrue(Double.isNaN(line[8]));
    assertEquals(measured[9], line[9], 1e-9);
    assertEquals(measured[14], line[14], 1e-9);
    assertEquals(2 * measured[14] - measured[9], line[19], 1e-9);
    assertEquals(1, line[19] / measured[19], 0.05);
  }

  /** With noise alone, the average settles where κσ²/(dB)/(2 − κ), summed, says. */
  @Test
  void floorsAreOnTheirLine() {
    Table floors =
        Studies.table(
            StationaryPoints.measure(StationaryPointsOptions.DEFAULTS, new SplittableRandom(1)),
            "floors");
    double[] predicted = floors.column("predictedFloor");
    double[] low = floors.column("floorLow");
    double[] high = floors.column("floorHigh");
    double[] bound = floors.column("bound");
    for (int i = 0; i < predicted.length; i++) {
      assertTrue(low[i] < predicted[i] && predicted[i] < high[i]);
      assertTrue(high[i] < bound[i]);
    }
  }
}
