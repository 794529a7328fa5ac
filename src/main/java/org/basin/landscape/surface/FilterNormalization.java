package org.basin.landscape.surface;

import java.util.SplittableRandom;
import org.basin.model.MlpSpec;
import org.basin.model.ParameterLayout;

/**
 * Directions as large as the network they start from, filter by filter (Li et al. 2018, section 4):
 * networks that differ only by a rescaling of their layers have the same slices.
 *
 * <p>A filter of a dense layer is what leads into one output, a column of its weight:
 *
 * <pre>
 * d_l[:, j] ← d_l[:, j] · ‖W_l[:, j]‖ / ‖d_l[:, j]‖
 * </pre>
 *
 * <p>Biases, γ and β are not moved, as in the paper's experiments: d is 0 there.
 */
final class FilterNormalization {
  private FilterNormalization() {}

  /** A direction drawn from the standard normal distribution, normalised; {@code [P]}. */
  static float[] random(MlpSpec spec, float[] theta, SplittableRandom random) {
    float[] direction = new float[theta.length];
    for (int i = 0; i < direction.length; i++) {
      direction[i] = (float) random.nextGaussian();
    }
    normalize(spec, theta, direction);
    return direction;
  }

  /**
   * Normalises in place; a filter that is 0 in the direction stays so.
   *
   * @param theta the network, {@code [P]}
   * @param direction {@code [P]}
   */
  static void normalize(MlpSpec spec, float[] theta, float[] direction) {
    ParameterLayout layout = new ParameterLayout(spec);
    boolean[] moved = new boolean[direction.length];
    for (int l = 0; l < spec.layers(); l++) {
      int width = spec.fanOut(l);
      int from = layout.weight(l);
      int to = from + spec.fanIn(l) * width;
      for (int j = 0; j < width; j++) {
        double norm = columnNorm(direction, from + j, to, width);
        double factor = norm == 0 ? 0 : columnNorm(theta, from + j, to, width) / norm;
        for (int i = from + j; i < to; i += width) {
          direction[i] = (float) (factor * direction[i]);
          moved[i] = true;
        }
      }
    }
    for (int i = 0; i < direction.length; i++) {
      if (!moved[i]) {
        direction[i] = 0;
      }
    }
  }

  private static double columnNorm(float[] values, int first, int to, int stride) {
    double squares = 0;
    for (int i = first; i < to; i += stride) {
      squares += (double) values[i] * values[i];
    }
    return Math.sqrt(squares);
  }
}
