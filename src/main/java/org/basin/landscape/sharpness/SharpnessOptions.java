package org.basin.landscape.sharpness;

import java.util.HashSet;
import java.util.List;
import org.basin.Require;
import org.basin.landscape.AsksObjectives;
import org.basin.model.MlpSpec;
import org.basin.model.ParameterLayout;

/**
 * What {@link SharpnessProbe} measures.
 *
 * @param radii ρ of the plain sharpness, ‖δ‖ ≤ ρ; scalars are of the first
 * @param adaptiveRadii ρ of the adaptive sharpness, ‖δ / |θ|‖ ≤ ρ; scalars are of the first
 * @param steps gradients of each of the three climbs of projected ascent
 * @param batchSize m of m-sharpness; all examples where there are fewer
 * @param batches most batches that m-sharpness is a mean over
 * @param pairs Gaussian draws of the average case, each used with both signs
 */
public record SharpnessOptions(
    List<Double> radii,
    List<Double> adaptiveRadii,
    int steps,
    int batchSize,
    int batches,
    int pairs)
    implements AsksObjectives {
  /**
   * Radii 0.05 and 0.1 (Foret et al. 2021), 0.5 and 1 (Kwon et al. 2021), each with its double; 8
   * batches of 128, that is 1,024 examples (Andriushchenko et al. 2023). Their 20 steps left up to
   * 4 % of a batch's rise to gain, in a 40-64-64-10 network on MNIST-1D, 40 up to 0.02 %. 50 pairs.
   */
  public static final SharpnessOptions DEFAULTS =
      new SharpnessOptions(List.of(0.05, 0.1, 0.2), List.of(0.5, 1.0, 2.0), 40, 128, 8, 50);

  private static final double LARGEST = 1e6;
  private static final int MOST = 1_000_000;
  private static final int VECTORS = 16; // of a climb, about

  /** Checks ranges. */
  public SharpnessOptions {
    radii = List.copyOf(radii);
    adaptiveRadii = List.copyOf(adaptiveRadii);
    requireRadii("radii", radii);
    requireRadii("adaptiveRadii", adaptiveRadii);
    Require.inRange("steps", steps, 4, MOST);
    Require.inRange("batchSize", batchSize, 1, Integer.MAX_VALUE);
    Require.inRange("batches", batches, 2, MOST);
    Require.inRange("pairs", pairs, 2, MOST);
  }

  @Override
  public long heapBytes(MlpSpec spec) {
    long parameters = new ParameterLayout(spec).size();
    return PerturbedLoss.heapBytes(parameters) + VECTORS * parameters * Double.BYTES;
  }

  /** Throws unless there is a radius, each is above 0, and none stands twice. */
  static void requireRadii(String key, List<Double> radii) {
    Require.that(!radii.isEmpty(), key, "is empty, allowed: at least one radius");
    for (double radius : radii) {
      Require.positive(key, radius, LARGEST);
    }
    Require.that(
        new HashSet<>(radii).size() == radii.size(),
        key,
        "is " + radii + ", allowed: every radius once");
  }
}
