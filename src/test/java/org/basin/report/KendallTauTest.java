package org.basin.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class KendallTauTest {

  private static List<double[][]> singles(double[] x, double[] y) {
    List<double[][]> clusters = new ArrayList<>();
    for (int i = 0; i < x.length; i++) {
      clusters.add(new double[][] {{x[i], y[i]}});
    }
    return clusters;
  }

  /** Five pairs with ties, counted by hand: 7 concordant, 1 discordant, one tie in x, one in y. */
  @Test
  void withTiesByHand() {
    double[] x = {1, 2, 2, 3, 4};
    double[] y = {1, 3, 2, 2, 5};
    double expected = 6 / Math.sqrt(9 * 9);
    assertEquals(expected, KendallTau.of(x, y), 1e-15);
    assertEquals(expected, KendallTau.ofClusters(singles(x, y)).tau(), 1e-15);
  }

  @Test
  void orderAndItsOpposite() {
    double[] x = {1, 2, 3, 4, 5, 6};
    double[] falling = {6, 5, 4, 3, 2, 1};
    assertEquals(1, KendallTau.ofClusters(singles(x, x)).tau());
    assertEquals(-1, KendallTau.ofClusters(singles(x, falling)).high());
    assertFalse(KendallTau.ofClusters(singles(x, falling)).isUnclear());
    assertTrue(Double.isNaN(KendallTau.of(x, new double[6])));
    assertTrue(KendallTau.ofClusters(singles(x, new double[6])).isUnclear());
  }

  /** scipy.stats.kendalltau(x, y, method='asymptotic') of SciPy 1.17.1. */
  @Test
  void chanceAsSciPyHasIt() {
    double[] x = {1, 2, 2, 3, 4, 5, 6, 6, 6, 9};
    double[] y = {2, 1, 3, 3, 5, 4, 8, 7, 7, 6};
    assertEquals(0.7144882623443114, KendallTau.of(x, y), 1e-12);
    assertEquals(0.005855557295385484, KendallTau.chance(x, y), 1e-12);
  }

  /** Copies of a cluster's pair are no further evidence: the interval stays as wide. */
  @Test
  void seedsAreNotTakenForNetworks() {
    SplittableRandom random = new SplittableRandom(3);
    List<double[][]> alone = new ArrayList<>();
    List<double[][]> repeated = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      double x = random.nextGaussian();
      double[] pair = {x, x + 2 * random.nextGaussian()};
      alone.add(new double[][] {pair});
      repeated.add(new double[][] {pair, pair, pair, pair});
    }
    KendallTau one = KendallTau.ofClusters(alone);
    KendallTau many = KendallTau.ofClusters(repeated);
    assertEquals(one.tau(), many.tau(), 1e-12);
    assertEquals(one.low(), many.low(), 1e-12);
    assertEquals(one.high(), many.high(), 1e-12);
    assertEquals(one.p(), many.p(), 1e-12);
    assertEquals(48, many.pairs());
  }

  /** Of unrelated x and y, the interval leaves 0 out in about one of twenty. */
  @Test
  void theIntervalCovers() {
    SplittableRandom random = new SplittableRandom(4);
    int out = 0;
    int small = 0;
    for (int trial = 0; trial < 200; trial++) {
      double[] x = new double[25];
      double[] y = new double[25];
      for (int i = 0; i < x.length; i++) {
        x[i] = random.nextGaussian();
        y[i] = random.nextGaussian();
      }
      KendallTau tau = KendallTau.ofClusters(singles(x, y));
      out += tau.isUnclear() ? 0 : 1;
      small += tau.p() < 0.05 ? 1 : 0;
    }
    assertTrue(out >= 2 && out <= 24, out + " of 200");
    assertTrue(small >= 2 && small <= 20, small + " of 200");
  }
}
