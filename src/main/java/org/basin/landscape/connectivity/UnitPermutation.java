package org.basin.landscape.connectivity;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.ParameterLayout;

/**
 * Another numbering of a network's hidden units, which changes its parameters and not its function:
 * what leads into a unit, its bias, γ, β and running statistics, and what leads out of it go along.
 *
 * @param units of every hidden layer, which unit becomes the i-th, {@code [layers][width]}
 */
record UnitPermutation(int[][] units) {

  /** The numbering that there is. */
  static UnitPermutation identity(MlpSpec spec) {
    return new UnitPermutation(
        spec.hidden().stream().map(w -> IntStream.range(0, w).toArray()).toArray(int[][]::new));
  }

  /** An independent copy. */
  UnitPermutation copy() {
    return new UnitPermutation(Arrays.stream(units).map(int[]::clone).toArray(int[][]::new));
  }

  /** Hidden units that get another number. */
  int moved() {
    int moved = 0;
    for (int[] layer : units) {
      for (int i = 0; i < layer.length; i++) {
        moved += layer[i] == i ? 0 : 1;
      }
    }
    return moved;
  }

  /** The network under this numbering. */
  NetworkState of(MlpSpec spec, NetworkState state) {
    ParameterLayout layout = new ParameterLayout(spec);
    NetworkState renumbered = state.copy();
    float[] theta = state.parameters();
    float[] to = renumbered.parameters();
    for (int l = 0; l < spec.layers(); l++) {
      int width = spec.fanOut(l);
      for (int i = 0; i < spec.fanIn(l); i++) {
        int from = l == 0 ? i : units[l - 1][i];
        for (int j = 0; j < width; j++) {
          int unit = l == units.length ? j : units[l][j];
          to[layout.weight(l) + i * width + j] = theta[layout.weight(l) + from * width + unit];
        }
      }
      if (l < units.length) {
        if (spec.bias()) {
          renumber(theta, to, layout.bias(l), units[l]);
        }
        if (spec.normalized(l)) {
          renumber(theta, to, layout.gamma(l), units[l]);
          renumber(theta, to, layout.beta(l), units[l]);
          int at = layout.statistics(l);
          renumber(state.runningMean(), renumbered.runningMean(), at, units[l]);
          renumber(state.runningVariance(), renumbered.runningVariance(), at, units[l]);
        }
      }
    }
    return renumbered;
  }

  private static void renumber(float[] from, float[] to, int at, int[] units) {
    for (int j = 0; j < units.length; j++) {
      to[at + j] = from[at + units[j]];
    }
  }
}
