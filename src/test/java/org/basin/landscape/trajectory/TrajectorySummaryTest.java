package org.basin.landscape.trajectory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;
import org.junit.jupiter.api.Test;

class TrajectorySummaryTest {

  /** Looks every ten steps, of these ratios: threshold 20, sharpness known to 0.2. */
  private static List<Look> looks(double... ratios) {
    List<Look> looks = new ArrayList<>();
    for (double ratio : ratios) {
      Uncertain sharpness =
          Uncertain.of(
              20 * ratio, List.of(Contribution.known(Source.RESIDUAL, 0.2)), !Double.isNaN(ratio));
      looks.add(
          new Look(
              10L * looks.size(),
              0.1,
              1,
              sharpness,
              sharpness,
              20,
              1,
              1,
              Uncertain.exact(100 + looks.size()),
              looks.size(),
              looks.size(),
              GradientSteps.NONE));
    }
    return looks;
  }

  @Test
  void theFiguresOfARamp() {
    SequencedMap<String, Uncertain> scalars = TrajectorySummary.of(looks(0.2, 0.4, 0.8, 1.1, 0.9));
    assertEquals(0.9, scalars.get("finalRatio").value(), 1e-12);
    assertEquals(0.01, scalars.get("finalRatio").standardError(), 1e-12);
    assertEquals(1, scalars.get("lateRatio").value(), 1e-12, "steps 30 and 40 of 40");
    assertEquals(30, scalars.get("edgeReached").value());
    assertEquals(10 / Math.sqrt(3), scalars.get("edgeReached").standardError(), 1e-12);
    assertEquals(22, scalars.get("largestSharpness").value(), 1e-12);
    assertEquals(5.5, scalars.get("progressiveSharpening").value(), 1e-12);
    // 0.2 of 22 and 0.2 of 4
    assertEquals(
        5.5 * Math.hypot(0.2 / 22, 0.05),
        scalars.get("progressiveSharpening").standardError(),
        1e-12);
    assertEquals(104, scalars.get("finalNoiseScale").value());
    assertEquals(4, scalars.get("finalDistance").value());
    assertTrue(Double.isNaN(scalars.get("largestSmoothness").value()));
    assertFalse(scalars.get("largestSmoothness").converged());
  }

  @Test
  void anEdgeThatIsNeverReached() {
    Uncertain reached = TrajectorySummary.edgeReached(looks(0.2, 0.99, 0.98));
    assertTrue(Double.isNaN(reached.value()));
    assertFalse(reached.converged());
  }

  @Test
  void anEdgeThatWasReachedBeforeTheFirstLook() {
    Uncertain reached = TrajectorySummary.edgeReached(looks(1.5, 0.99));
    assertEquals(0, reached.value());
    assertEquals(0, reached.standardError());
  }

  @Test
  void looksWithoutARatioAreLeftOut() {
    double nan = Double.NaN;
    assertEquals(
        1.2, TrajectorySummary.lateRatio(looks(5, 5, 5, 5, 5, 5, 1.1, nan, 1.3)).value(), 1e-12);
    Uncertain single = TrajectorySummary.lateRatio(looks(5, 5, nan, nan, 1.3));
    assertEquals(1.3, single.value(), 1e-12);
    assertFalse(single.converged(), "one look has no spread");
    assertTrue(Double.isNaN(TrajectorySummary.lateRatio(looks(5, 5, nan, nan, nan)).value()));
  }

  /** The stated error of a mean over a series with correlation 0.8 from look to look. */
  @Test
  void theErrorOfAMeanKnowsThatNeighboursResembleEachOther() {
    SplittableRandom random = new SplittableRandom(1);
    int series = 200;
    double squares = 0;
    double stated = 0;
    for (int s = 0; s < series; s++) {
      double[] ratios = new double[801];
      double deviation = random.nextGaussian();
      for (int i = 0; i < ratios.length; i++) {
        ratios[i] = 1 + 0.1 * deviation;
        deviation = 0.8 * deviation + 0.6 * random.nextGaussian();
      }
      Uncertain late = TrajectorySummary.lateRatio(looks(ratios));
      double error =
          late.sources().stream()
              .filter(part -> part.source() == Source.SUBSAMPLE)
              .findFirst()
              .orElseThrow()
              .standardError();
      squares += Math.pow(late.value() - 1, 2) / series;
      stated += error * error / series;
    }
    assertEquals(1, Math.sqrt(stated / squares), 0.2, "stated over true error");
  }
}
