package org.basin.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.basin.measurement.Measurement;
import org.basin.measurement.Verdict;
import org.junit.jupiter.api.Test;

class OriginEscapeTest {

  @Test
  void leavesAsTheLinearLawSays() {
    Measurement measurement =
        OriginEscape.measure(OriginEscapeOptions.DEFAULTS, new SplittableRandom(1));
    Studies.assertAgrees(measurement);
    assertTrue(measurement.scalars().get("networkExcess").value() >= 0);
    assertTrue(measurement.scalars().containsKey("isotropicMedianSteps"));
    // Dominated by the first mode: about ln(r/‖u + v‖) / ln(1 + η).
    double median = measurement.scalars().get("factorizationMedianSteps").value();
    assertEquals(Math.log(0.1 / 1.5e-5) / Math.log(1.1), median, 8);
  }

  @Test
  void cutOffRunsLeaveNoExcess() {
    OriginEscapeOptions base = OriginEscapeOptions.DEFAULTS;
    OriginEscapeOptions brief =
        new OriginEscapeOptions(
            4, 3, base.stepSize(), base.spread(), base.radius(), base.sigma(), 20, 10, 0.9);
    Measurement measurement = OriginEscape.measure(brief, new SplittableRandom(2));
    assertTrue(measurement.scalars().isEmpty());
    assertEquals(Verdict.UNDECIDED, Studies.comparisons(measurement).getFirst().verdict());
  }
}
