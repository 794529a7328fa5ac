package org.basin.landscape.sharpness;

import java.util.SplittableRandom;
import org.basin.model.MlpSpec;
import org.basin.model.ParameterLayout;

/** Random directions on the scale of θ. */
final class RandomDirection {
  private RandomDirection() {}

  /** Uniform among those of norm ‖θ‖, {@code [P]}. */
  static double[] normalized(float[] theta, SplittableRandom random) {
    double[] direction = new double[theta.length];
    fill(direction, theta, 0, 1, theta.length, random);
    return direction;
  }

  /**
   * Filter-normalised (Li et al. 2018, section 4): for every neuron uniform among those of the norm
   * of its incoming weights. Biases, γ and β do not move, as there.
   */
  static double[] filterNormalized(MlpSpec spec, float[] theta, SplittableRandom random) {
    ParameterLayout layout = new ParameterLayout(spec);
    double[] direction = new double[theta.length];
    for (int l = 0; l < spec.layers(); l++) {
      int width = spec.fanOut(l);
      for (int unit = 0; unit < width; unit++) {
        fill(direction, theta, layout.weight(l) + unit, width, spec.fanIn(l), random);
      }
    }
    return direction;
  }

  /** Every {@code stride}-th of {@code count} components, to the norm that θ has in them. */
  private static void fill(
      double[] direction, float[] theta, int from, int stride, int count, SplittableRandom random) {
    double drawn = 0;
    double wanted = 0;
    for (int k = 0; k < count; k++) {
      int i = from + k * stride;
      direction[i] = random.nextGaussian();
      drawn += direction[i] * direction[i];
      wanted += (double) theta[i] * theta[i];
    }
    double factor = Math.sqrt(wanted / drawn);
    for (int k = 0; k < count; k++) {
      direction[from + k * stride] *= factor;
    }
  }
}
