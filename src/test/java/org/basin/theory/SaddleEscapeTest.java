package org.basin.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.basin.measurement.Comparison;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.measurement.Verdict;
import org.junit.jupiter.api.Test;

class SaddleEscapeTest {

  private static SaddleEscapeOptions options(
      double stepSize, double sigma, int runs, int stepLimit, double confidence) {
    SaddleEscapeOptions base = SaddleEscapeOptions.DEFAULTS;
    return new SaddleEscapeOptions(
        4,
        base.curvature(),
        stepSize,
        sigma,
        base.batchSize(),
        base.radius(),
        base.spread(),
        base.epsilon(),
        base.delta(),
        runs,
        stepLimit,
        confidence);
  }

  @Test
  void everythingIsAsPredicted() {
    Measurement measurement =
        SaddleEscape.measure(SaddleEscapeOptions.DEFAULTS, new SplittableRandom(1));
    Studies.assertAgrees(measurement);
    assertEquals(11, Studies.comparisons(measurement).size());
    for (String name : new String[] {"descent", "isotropic", "miniBatch", "perturbed"}) {
      double median = measurement.scalars().get(name + "MedianSteps").value();
      assertEquals(
          measurement.scalars().get(name + "MedianStepsPredicted").value(), median, 2, name);
      assertEquals(0, measurement.scalars().get(name + "Censored").value());
    }
  }

  @Test
  void theSameSeedGivesTheSameAndAnotherDoesNot() {
    SaddleEscapeOptions few = options(0.2, 0.1, 50, 200, 0.9);
    Measurement one = SaddleEscape.measure(few, new SplittableRandom(3));
    Studies.assertSame(one, SaddleEscape.measure(few, new SplittableRandom(3)));
    assertFalse(one.scalars().equals(SaddleEscape.measure(few, new SplittableRandom(4)).scalars()));
  }

  /** Comparisons at 90 % disagree in at most about one of ten draws, but they do disagree. */
  @Test
  void comparisonsErrAsOftenAsStated() {
    SaddleEscapeOptions small = options(0.3, 0.2, 100, 100, 0.9);
    SplittableRandom random = new SplittableRandom(5);
    int laws = 0;
    int ratios = 0;
    int scores = 0;
    int draws = 150;
    for (int draw = 0; draw < draws; draw++) {
      for (Comparison comparison :
          Studies.comparisons(SaddleEscape.measure(small, random.split()))) {
        int wrong = comparison.verdict() == Verdict.DISAGREES ? 1 : 0;
        if (comparison.quantity().startsWith("share of the runs")) {
          laws += wrong;
        } else if (comparison.quantity().startsWith("mean of u²")) {
          ratios += wrong;
        } else if (comparison.quantity().startsWith("growth of u²")) {
          scores += wrong;
        } else {
          assertEquals(0, wrong, comparison.toString());
        }
      }
    }
    assertTrue(laws > 0 && laws <= 0.1 * 4 * draws, "laws " + laws);
    assertTrue(ratios >= 12 && ratios <= 52, "ratios " + ratios);
    assertTrue(scores >= 12 && scores <= 60, "scores " + scores);
  }

  /** Runs cut off are counted, and leave the quantiles that they are not part of as they were. */
  @Test
  void censoredRuns() {
    Measurement all =
        SaddleEscape.measure(options(0.1, 0.1, 400, 1000, 0.99), new SplittableRandom(6));
    Measurement cut =
        SaddleEscape.measure(options(0.1, 0.1, 400, 50, 0.99), new SplittableRandom(6));
    double censored = cut.scalars().get("isotropicCensored").value();
    Table whole = Studies.table(all, "isotropicDistribution");
    assertEquals(1 - whole.column("escaped")[50], censored, 1e-12);
    assertTrue(censored > 0.05 && censored < 0.5, "censored " + censored);
    assertEquals(
        all.scalars().get("isotropicMedianSteps").value(),
        cut.scalars().get("isotropicMedianSteps").value());
    double[] steps = Studies.table(cut, "isotropicQuantiles").column("steps");
    assertTrue(Double.isNaN(steps[4]));
    assertTrue(steps[2] <= 50);
    // Perturbed gradient descent needs more than a hundred steps: none is out, and none is said.
    assertEquals(1, cut.scalars().get("perturbedCensored").value());
    assertFalse(cut.scalars().containsKey("perturbedMedianSteps"));
  }

  @Test
  void moreNoiseIsFaster() {
    double before = Double.MAX_VALUE;
    for (double sigma : new double[] {0.03, 0.1, 0.3, 1}) {
      double median =
          SaddleEscape.measure(options(0.1, sigma, 300, 1000, 0.9), new SplittableRandom(7))
              .scalars()
              .get("isotropicMedianSteps")
              .value();
      assertTrue(median < before, "σ " + sigma + ": " + median);
      before = median;
    }
  }

  @Test
  void predictionsStandBesideMeasurements() {
    Measurement measurement =
        SaddleEscape.measure(options(0.1, 0.1, 400, 1000, 0.99), new SplittableRandom(8));
    Table growth = Studies.table(measurement, "isotropicMeanSquare");
    double[] predicted = growth.column("predicted");
    for (int k = 0; k + 1 < predicted.length; k++) {
      assertEquals(1.21 * predicted[k] + 1e-4, predicted[k + 1], 1e-12);
    }
    Table distribution = Studies.table(measurement, "isotropicDistribution");
    double[] first = distribution.column("predictedEscaped");
    double[] outside = distribution.column("predictedOutside");
    for (int i = 0; i < first.length; i++) {
      assertTrue(first[i] >= outside[i] - 1e-12);
    }
  }
}
