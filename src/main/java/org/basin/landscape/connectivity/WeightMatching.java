package org.basin.landscape.connectivity;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.basin.InvalidInputException;
import org.basin.RandomPermutation;
import org.basin.linalg.DenseProduct;
import org.basin.linalg.LinearAssignment;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.ParameterLayout;

/**
 * The numbering of one network's hidden units that brings its parameters nearest to another's, by
 * weight matching (Ainsworth et al. 2023, algorithm 1): layer after layer in random order, the
 * layer's best numbering while all others are held, until a sweep changes nothing.
 *
 * <pre>
 * max_π ⟨θ, π(θ')⟩, which is min_π ‖θ − π(θ')‖
 * profit of unit j of θ' as the i-th:  what leads in, bias, γ, β, and what leads out of j, times i's
 * </pre>
 *
 * <p>With one hidden layer this is the optimum; with more it is one that no layer alone can better,
 * and finding the best is NP-hard (ibid., lemma 1), so that several orders are tried.
 */
final class WeightMatching {
  /** Sweeps at most (ibid., their code); a handful is usual. */
  private static final int MOST_SWEEPS = 100;

  /** Widest layer: 0.5 GiB of profits. */
  private static final int WIDEST = 8192;

  /** Of a layer's profit, what counts as an improvement: above double precision's rounding. */
  private static final double LEAST_GAIN = 1e-12;

  private final MlpSpec spec;
  private final ParameterLayout layout;
  private final float[] theta;
  private final float[] other;

  private WeightMatching(MlpSpec spec, float[] theta, float[] other) {
    this.spec = spec;
    layout = new ParameterLayout(spec);
    this.theta = theta;
    this.other = other;
  }

  /**
   * Numbers the hidden units of {@code other} as those of {@code state} that they are like.
   *
   * @param orders how many random orders of layers are tried
   * @throws InvalidInputException when a layer is too wide, or a parameter not finite
   * @throws InterruptedException when the thread was interrupted
   */
  static UnitPermutation align(
      MlpSpec spec, NetworkState state, NetworkState other, int orders, SplittableRandom random)
      throws InterruptedException {
    if (spec.width() > WIDEST) {
      throw new InvalidInputException(
          "connectivity aligns layers of up to %,d units, this network's widest has %,d; allowed"
                  .formatted(WIDEST, spec.width())
              + " for it: align: false");
    }
    WeightMatching matching = new WeightMatching(spec, state.parameters(), other.parameters());
    int tries = spec.hidden().size() > 1 ? orders : 1;
    UnitPermutation best = UnitPermutation.identity(spec);
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < tries; i++) {
      UnitPermutation found = matching.descend(random);
      double product = matching.product(found.of(spec, other).parameters());
      if (product > largest) {
        largest = product;
        best = found;
      }
    }
    return best;
  }

  /** ⟨θ, θ'⟩. */
  private double product(float[] renumbered) {
    double sum = 0;
    for (int i = 0; i < theta.length; i++) {
      sum += (double) theta[i] * renumbered[i];
    }
    return sum;
  }

  private UnitPermutation descend(SplittableRandom random) throws InterruptedException {
    UnitPermutation permutation = UnitPermutation.identity(spec);
    int layers = permutation.units().length;
    boolean[] open = new boolean[layers]; // whether a neighbour changed since a layer was matched
    Arrays.fill(open, true);
    for (int sweep = 0; sweep < MOST_SWEEPS; sweep++) {
      boolean changed = false;
      for (int l : shuffled(layers, random)) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        if (open[l] && improve(l, permutation)) {
          changed = true;
          open[Math.max(0, l - 1)] = true;
          open[Math.min(layers - 1, l + 1)] = true;
        }
        open[l] = false;
      }
      if (!changed) {
        break;
      }
    }
    return permutation;
  }

  private static int[] shuffled(int count, SplittableRandom random) {
    int[] order = IntStream.range(0, count).toArray();
    RandomPermutation.shuffle(order, random);
    return order;
  }

  /** Gives layer {@code l} its best numbering; whether that is better than the one it has. */
  private boolean improve(int l, UnitPermutation permutation) {
    int width = spec.fanOut(l);
    double[] own = traits(l, theta, UnitPermutation.identity(spec));
    double[] others = traits(l, other, permutation);
    int count = own.length / width;
    double[] profits =
        DenseProduct.of(own, DenseProduct.transposed(others, width, count), width, count, width);
    int[] now = permutation.units()[l];
    int[] best = LinearAssignment.maximum(profits, width);
    double before = 0;
    double after = 0;
    double size = 0;
    for (int i = 0; i < width; i++) {
      before += profits[i * width + now[i]];
      after += profits[i * width + best[i]];
      size += Math.abs(profits[i * width + best[i]]);
    }
    if (after - before <= LEAST_GAIN * size) {
      return false;
    }
    permutation.units()[l] = best;
    return true;
  }

  /**
   * Every unit of layer {@code l} by the parameters that belong to it, its neighbours numbered as
   * {@code permutation} says.
   *
   * @return {@code [width, fanIn + up to 3 + fanOut of the next layer]}
   */
  private double[] traits(int l, float[] of, UnitPermutation permutation) {
    int in = spec.fanIn(l);
    int width = spec.fanOut(l);
    int out = spec.fanOut(l + 1);
    boolean last = l + 1 == spec.hidden().size();
    int own = (spec.bias() ? 1 : 0) + (spec.normalized(l) ? 2 : 0);
    int count = in + own + out;
    double[] traits = new double[width * count];
    for (int unit = 0; unit < width; unit++) {
      int next = unit * count;
      for (int i = 0; i < in; i++) {
        int from = l == 0 ? i : permutation.units()[l - 1][i];
        traits[next++] = of[layout.weight(l) + from * width + unit];
      }
      if (spec.bias()) {
        traits[next++] = of[layout.bias(l) + unit];
      }
      if (spec.normalized(l)) {
        traits[next++] = of[layout.gamma(l) + unit];
        traits[next++] = of[layout.beta(l) + unit];
      }
      for (int j = 0; j < out; j++) {
        int to = last ? j : permutation.units()[l + 1][j];
        traits[next++] = of[layout.weight(l + 1) + unit * out + to];
      }
    }
    return traits;
  }
}
