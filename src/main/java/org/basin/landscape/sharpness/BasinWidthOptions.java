package org.basin.landscape.sharpness;

import java.util.List;
import org.basin.Require;
import org.basin.landscape.AsksObjectives;
import org.basin.model.MlpSpec;
import org.basin.model.ParameterLayout;

/**
 * What {@link BasinWidthProbe} measures.
 *
 * @param rise how much the loss has to rise, as a part of what it is for a network that knows
 *     nothing: log K for cross-entropy, (K − 1) / K² for the squared error. So it is the same for
 *     every width, however small the loss at θ, and means the same for both losses
 * @param radii distances as multiples of ‖θ‖, ascending; the last is where a search ends
 * @param filterNormalized whether a random direction is scaled to θ neuron by neuron (Li et al.
 *     2018), or as a whole
 * @param directions number of random directions
 * @param largest eigenvectors of the algebraically largest eigenvalues, 0 for none; all where a
 *     network has fewer
 * @param smallest eigenvectors of the algebraically smallest eigenvalues, 0 for none
 * @param tolerance a distance d is searched until it is known within d · tolerance
 */
public record BasinWidthOptions(
    double rise,
    List<Double> radii,
    boolean filterNormalized,
    int directions,
    int largest,
    int smallest,
    double tolerance)
    implements AsksObjectives {
  /**
   * A tenth of knowing nothing, 0.23 nats of ten classes: the right class gets 0.79 of its
   * probability, in the geometric mean. Radii in steps of about two from a hundredth of θ, where
   * the steepest direction of a small network is still inside, to ten times θ, where nothing of it
   * is left.
   */
  public static final BasinWidthOptions DEFAULTS =
      new BasinWidthOptions(
          0.1, List.of(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0), true, 50, 3, 2, 0.01);

  private static final int MOST = 1000;

  /** Checks ranges. */
  public BasinWidthOptions {
    radii = List.copyOf(radii);
    Require.positive("rise", rise, 1e6);
    SharpnessOptions.requireRadii("radii", radii);
    Require.that(
        radii.stream().sorted().toList().equals(radii),
        "radii",
        "is " + radii + ", allowed: ascending radii");
    Require.inRange("directions", directions, 4, 1_000_000);
    Require.inRange("largest", largest, 0, MOST);
    Require.inRange("smallest", smallest, 0, MOST);
    Require.inRange("tolerance", tolerance, 1e-6, 0.5);
  }

  @Override
  public long heapBytes(MlpSpec spec) {
    return BasinWidthProbe.heapBytes(new ParameterLayout(spec).size(), this);
  }
}
