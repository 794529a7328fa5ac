package org.basin.landscape.connectivity;

import org.basin.Require;
import org.basin.landscape.BetweenNetworks;

/**
 * What {@link ConnectivityProbe} measures.
 *
 * @param points networks on a path that are measured, both ends among them; odd, so that the middle
 *     is one
 * @param align whether the line to the partner with its hidden units renumbered is measured too
 * @param orders random orders of the layers that {@link WeightMatching} is tried in, the best kept
 * @param curves which curves are trained
 * @param curveSteps steps of a curve's training
 * @param curveLearningRate Adam's rate at its start
 * @param curveBatchSize examples a step
 */
public record ConnectivityOptions(
    int points,
    boolean align,
    int orders,
    ConnectingCurves curves,
    int curveSteps,
    double curveLearningRate,
    int curveBatchSize)
    implements BetweenNetworks {
  /**
   * 25 points (Ainsworth et al. 2023, their code), the Bézier curve with one bend and batches of
   * 128 (Garipov et al. 2018, their code), Adam's own rate (Kingma and Ba 2015). 2,000 steps are
   * Basin's: wide networks are connected by then, narrow ones gain from more (at width 16 of {@code
   * experiments/mode-connectivity.yaml}, a barrier of 0.17 after 500 steps, 0.04 after 2,000, 0.009
   * after 4,000).
   */
  public static final ConnectivityOptions DEFAULTS =
      new ConnectivityOptions(25, true, 5, ConnectingCurves.BEZIER, 2000, 1e-3, 128);

  /** Checks ranges. */
  public ConnectivityOptions {
    Require.inRange("points", points, 3, 1001);
    Require.that(
        points % 2 == 1,
        "points",
        "is " + points + ", allowed: an odd number, so that the middle of the path is one");
    Require.inRange("orders", orders, 1, 1000);
    Require.inRange("curveSteps", curveSteps, 1, 10_000_000);
    Require.positive("curveLearningRate", curveLearningRate, 1e6);
    Require.inRange("curveBatchSize", curveBatchSize, 2, Integer.MAX_VALUE);
  }
}
