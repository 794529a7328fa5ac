package org.basin.landscape.stationarity;

import java.util.List;
import org.basin.Require;
import org.basin.landscape.RepeatsTraining;

/**
 * What {@link StationarityProbe} runs: from the initial parameters, so that it is asked once.
 *
 * @param steps K, the numbers of steps to look at, ascending
 * @param batchSizes B, ascending
 * @param runs independent runs for each batch size
 * @param confidence of every interval
 */
public record StationarityOptions(
    List<Integer> steps, List<Integer> batchSizes, int runs, double confidence)
    implements RepeatsTraining {
  /** Three decades of steps, and batches from where noise is nearly all to where it is little. */
  public static final StationarityOptions DEFAULTS =
      new StationarityOptions(List.of(1, 4, 16, 64, 256, 1024), List.of(4, 16, 64), 6, 0.99);

  /** Checks ranges. */
  public StationarityOptions {
    steps = List.copyOf(steps);
    batchSizes = List.copyOf(batchSizes);
    Require.ascending("steps", steps, 2, 10_000_000);
    Require.ascending("batchSizes", batchSizes, 2, 1_000_000);
    Require.inRange("runs", runs, 2, 100_000);
    Require.inRange("confidence", confidence, 0.5, 0.999999);
  }
}
