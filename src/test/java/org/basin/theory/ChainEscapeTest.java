package org.basin.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.basin.measurement.Comparison;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.measurement.Verdict;
import org.junit.jupiter.api.Test;

class ChainEscapeTest {

  @Test
  void descentMultipliesAndPerturbedDescentAdds() {
    Measurement measurement =
        ChainEscape.measure(ChainEscapeOptions.DEFAULTS, new SplittableRandom(1));
    Studies.assertAgrees(measurement);
    double ratio = measurement.scalars().get("descentRatioPredicted").value();
    assertTrue(ratio > 2 && ratio < 2.2, "ratio " + ratio);
    assertEquals(1, measurement.scalars().get("perturbedArrived").value());
    assertEquals(0, measurement.scalars().get("descentArrived").value());
    Table chain = Studies.table(measurement, "chain");
    double[] slow = chain.column("descentMedian");
    double[] predicted = chain.column("descentPredicted");
    for (int k = 3; k < slow.length; k++) {
      if (!Double.isNaN(slow[k])) {
        assertEquals(1, slow[k] / predicted[k], 0.3, "saddle " + (k + 1));
      }
    }
    double[] censored = chain.column("descentCensored");
    assertEquals(0, censored[5]);
    assertEquals(1, censored[19]);
  }

  /** Where attraction is weak, the times multiply by less. */
  @Test
  void theFactorDependsOnTheRates() {
    ChainEscapeOptions weak = new ChainEscapeOptions(8, 0.5, 1, 1, 0.1, 30, 30_000, 0.999);
    Measurement measurement = ChainEscape.measure(weak, new SplittableRandom(2));
    Comparison factor = Studies.comparisons(measurement).getFirst();
    assertEquals(Verdict.AGREES, factor.verdict(), factor.toString());
    assertTrue(factor.predicted() < 1.6, factor.toString());
    assertEquals(1, measurement.scalars().get("descentArrived").value());
  }

  @Test
  void cutOffRunsAreCensored() {
    ChainEscapeOptions brief = new ChainEscapeOptions(8, 1, 1, 1, 0.1, 10, 100, 0.9);
    Measurement measurement = ChainEscape.measure(brief, new SplittableRandom(3));
    Table chain = Studies.table(measurement, "chain");
    assertEquals(1, chain.column("descentCensored")[7]);
    assertTrue(Double.isNaN(chain.column("descentMedian")[7]));
    assertEquals(0, measurement.scalars().get("perturbedArrived").value());
    assertEquals(Verdict.UNDECIDED, Studies.comparisons(measurement).getLast().verdict());
  }
}
