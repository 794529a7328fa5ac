package org.basin.landscape.saddle;

import java.util.List;
import org.basin.Require;
import org.basin.landscape.RepeatsTraining;
import org.basin.linalg.DenseMatrix;

/**
 * What {@link SaddleProbe} looks for, and how.
 *
 * @param pathPoints starts on the way of the training, which is repeated for them; 0 for none
 * @param initializations random initialisations to start from, for each scale
 * @param scales what initialisations are multiplied by: critical points of small networks are near
 *     small parameters
 * @param radii distances from the trained network to start at, over its norm, each in a random
 *     direction
 * @param newtonSteps of one search at most
 * @param products with H of one Newton step at most
 * @param denseUpTo parameters up to which all eigenvalues are computed at a critical point
 * @param escapes runs of each way to escape
 * @param batchSize B of the escape by SGD
 * @param confidence of every interval
 */
public record SaddleOptions(
    int pathPoints,
    int initializations,
    List<Double> scales,
    List<Double> radii,
    int newtonSteps,
    int products,
    int denseUpTo,
    int escapes,
    int batchSize,
    double confidence)
    implements RepeatsTraining {
  /** Thirteen starts, a few seconds to half a minute for networks of up to 64 hidden units. */
  public static final SaddleOptions DEFAULTS =
      new SaddleOptions(
          4, 2, List.of(1.0, 0.3, 0.1), List.of(0.03, 0.1, 0.3), 60, 100, 1000, 100, 32, 0.99);

  /** Checks ranges. */
  public SaddleOptions {
    scales = List.copyOf(scales);
    radii = List.copyOf(radii);
    Require.inRange("pathPoints", pathPoints, 0, 1000);
    Require.inRange("initializations", initializations, 0, 1000);
    for (double scale : scales) {
      Require.positive("scales", scale, 100);
    }
    for (double radius : radii) {
      Require.positive("radii", radius, 100);
    }
    Require.that(
        pathPoints + (long) initializations * scales.size() + radii.size() > 0,
        "pathPoints",
        "and initializations and radii are all 0 or empty, allowed: at least one start");
    Require.inRange("newtonSteps", newtonSteps, 1, 100_000);
    Require.inRange("products", products, 1, 100_000);
    Require.inRange("denseUpTo", denseUpTo, 0, DenseMatrix.LARGEST_SIZE);
    Require.inRange("escapes", escapes, 2, 100_000);
    Require.inRange("batchSize", batchSize, 1, 1_000_000);
    Require.inRange("confidence", confidence, 0.5, 0.999999);
  }
}
