package org.basin.theory;

import java.util.List;
import org.basin.Require;

/**
 * What {@link StationaryPoints} runs.
 *
 * @param function what is minimised
 * @param noise of which kind the gradients' noise is
 * @param dimension d
 * @param sigma σ: one example's gradient has noise of variance E ‖ξ‖² = σ², the same in every
 *     coordinate
 * @param conditionNumber of the quadratic, whose eigenvalues go from 1 down to its inverse in equal
 *     ratios
 * @param power p of the algebraic decay
 * @param start every coordinate of x_0
 * @param steps K, the numbers of steps to look at, ascending
 * @param batchSizes B, ascending
 * @param runs independent runs for each batch size
 * @param confidence of every interval
 */
public record StationaryPointsOptions(
    Problem function,
    Noise noise,
    int dimension,
    double sigma,
    double conditionNumber,
    double power,
    double start,
    List<Integer> steps,
    List<Integer> batchSizes,
    int runs,
    double confidence) {

  /** A function with its L and f* known. */
  public enum Problem {
    /** {@link QuadraticForm}, for which the average is known in closed form. */
    QUADRATIC,
    /** {@link AlgebraicDecay}, not convex, where the smallest gradient falls hardly faster. */
    ALGEBRAIC_DECAY,
    /** {@link CosineWells}, not convex, with saddles. */
    COSINE_WELLS
  }

  /** The noise of a gradient. */
  public enum Noise {
    /** Gaussian. */
    ISOTROPIC,
    /** Of terms drawn with replacement from a {@link TiltedSum}. */
    MINI_BATCH
  }

  /** A quadratic from afar, four decades of steps, three of batch sizes. */
  public static final StationaryPointsOptions DEFAULTS =
      new StationaryPointsOptions(
          Problem.QUADRATIC,
          Noise.ISOTROPIC,
          10,
          1,
          10,
          4,
          1,
          List.of(1, 4, 16, 64, 256, 1024, 4096),
          List.of(1, 4, 16, 64, 256),
          100,
          0.999);

  /** Checks ranges. */
  public StationaryPointsOptions {
    steps = List.copyOf(steps);
    batchSizes = List.copyOf(batchSizes);
    Require.inRange("dimension", dimension, 1, 10_000);
    Require.positive("sigma", sigma, 1e6);
    Require.inRange("conditionNumber", conditionNumber, 1, 1e6);
    Require.inRange("power", power, 0.1, 100.0);
    Require.positive("start", start, 1e6);
    Require.ascending("steps", steps, 6, 10_000_000);
    Require.ascending("batchSizes", batchSizes, 3, 100_000);
    Require.inRange("runs", runs, 10, 100_000);
    Require.inRange("confidence", confidence, 0.5, 0.999999);
  }
}
