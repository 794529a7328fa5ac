package org.basin.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.basin.measurement.Comparison;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.measurement.Verdict;
import org.junit.jupiter.api.Test;

class EscapeScalingTest {
  private static EscapeScalingOptions options(int runs, int stepLimit) {
    EscapeScalingOptions base = EscapeScalingOptions.DEFAULTS;
    return new EscapeScalingOptions(
        base.curvature(),
        base.stepSize(),
        base.sigma(),
        base.curvatures(),
        base.stepSizes(),
        base.sigmas(),
        base.radius(),
        runs,
        stepLimit,
        base.confidence());
  }

  @Test
  void slopesAreAsPredicted() {
    Measurement measurement =
        EscapeScaling.measure(EscapeScalingOptions.DEFAULTS, new SplittableRandom(1));
    Studies.assertAgrees(measurement);
    assertEquals(
        1 / Math.log(1.1), measurement.scalars().get("sigmaSlopePredicted").value(), 1e-12);
    for (String sweep : List.of("sigma", "curvature", "stepSize")) {
      assertEquals(5, Studies.table(measurement, sweep + "Scaling").column(sweep).length);
    }
  }

  /** A time that grew as ln(1/σ)/(ηa), as in continuous time, would be told from ln(1 + ηa). */
  @Test
  void continuousTimeIsToldApart() {
    Measurement measurement =
        EscapeScaling.measure(EscapeScalingOptions.DEFAULTS, new SplittableRandom(2));
    Comparison continuous =
        Comparison.of("slope", measurement.scalars().get("sigmaSlope"), 10, 0.05, 0.5, 0.999);
    assertEquals(Verdict.DISAGREES, continuous.verdict());
  }

  @Test
  void sweepsWithCensoredRunsHaveNoSlope() {
    Measurement measurement = EscapeScaling.measure(options(20, 80), new SplittableRandom(3));
    assertFalse(measurement.scalars().containsKey("sigmaSlope"));
    assertTrue(measurement.scalars().containsKey("startSlope"));
    Table table = Studies.table(measurement, "sigmaScaling");
    double[] censored = table.column("censored");
    double[] means = table.column("mean");
    for (int i = 0; i < means.length; i++) {
      assertEquals(censored[i] > 0, Double.isNaN(means[i]));
    }
    assertEquals(Verdict.UNDECIDED, Studies.comparisons(measurement).getFirst().verdict());
    assertEquals(List.of("startSlope"), slopes(measurement));
  }

  private static List<String> slopes(Measurement measurement) {
    return measurement.scalars().keySet().stream().filter(name -> name.endsWith("Slope")).toList();
  }
}
