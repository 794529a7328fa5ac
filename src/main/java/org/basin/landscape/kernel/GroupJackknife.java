package org.basin.landscape.kernel;

import java.util.stream.IntStream;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;

/**
 * The standard error of a figure of n random examples, for any figure: the jackknife that leaves
 * out a group at a time (Quenouille 1956; Tukey 1958).
 *
 * <pre>
 * s² = (1 − n/N) (g − 1)/g Σ_j (t_j − t̄)²
 * </pre>
 *
 * <p>with t_j the figure without group j of g, and 1 − n/N since the n are drawn without
 * replacement from N that there are. It says how much the figure of another n examples would
 * differ, not how a figure that grows with n would go on.
 */
final class GroupJackknife {
  private static final int MOST_GROUPS = 10;

  private final int drawn;
  private final int population;
  private final int groups;

  /**
   * For n random examples.
   *
   * @param drawn n, at least 2
   * @param population N
   */
  GroupJackknife(int drawn, int population) {
    this.drawn = drawn;
    this.population = population;
    groups = Math.min(MOST_GROUPS, drawn);
  }

  /** The examples without each of the groups, {@code [g][...]}. */
  int[][] remaining() {
    int[][] remaining = new int[groups][];
    for (int group = 0; group < groups; group++) {
      int without = group;
      remaining[group] = IntStream.range(0, drawn).filter(i -> i % groups != without).toArray();
    }
    return remaining;
  }

  /**
   * s.
   *
   * @param without the figure of each of {@link #remaining}, finite
   */
  Contribution error(double[] without) {
    double mean = 0;
    for (double value : without) {
      mean += value / groups;
    }
    double squares = 0;
    for (double value : without) {
      squares += (value - mean) * (value - mean);
    }
    double share = 1 - (double) drawn / population;
    double error = Math.sqrt(share * (groups - 1) / groups * squares);
    return new Contribution(Source.SUBSAMPLE, error, groups - 1);
  }
}
