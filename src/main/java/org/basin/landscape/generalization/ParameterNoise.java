package org.basin.landscape.generalization;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.basin.data.Examples;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;
import org.basin.measurement.Table;
import org.basin.train.LossEvaluation;
import org.basin.train.LossFunction;
import org.basin.train.Objective;

/**
 * The training error under Gaussian noise on the parameters, and the size at which it has risen by
 * a given amount (Jiang et al. 2020, appendix C.4; Dziugaite et al. 2020):
 *
 * <pre>
 * rise(σ) = E err(θ + σ s ∘ z) − err(θ),  z ~ N(0, I_P),   σ*: rise(σ*) = r
 * </pre>
 *
 * <p>All sizes use the same draws of z, so that the mean rise is a smooth function of σ; σ* is
 * bracketed by doublings or halvings and then bisected. The error of having drawn z is that of the
 * mean rise at σ*, over the slope of the rise there.
 */
final class ParameterNoise {
  private static final int MOST_DOUBLINGS = 60;

  // Of the intervals in the table.
  private static final double CONFIDENCE = 0.95;

  // Relative distance over which the slope of the rise is taken: wide enough to see past the steps
  // of an error that is a count.
  private static final double SLOPE_STEP = 1.2;

  private final Objective objective;
  private final Examples examples;
  private final float[] theta;
  private final double[] scale;
  private final long[] seeds;
  private final double center;
  private final float[] point;
  private final List<double[]> looks = new ArrayList<>();

  /**
   * Noise around θ.
   *
   * @param objective tells outputs on {@code examples}
   * @param scale s, {@code [P]}
   * @param draws of z
   */
  ParameterNoise(
      Objective objective,
      Examples examples,
      float[] theta,
      double[] scale,
      int draws,
      SplittableRandom random) {
    this.objective = objective;
    this.examples = examples;
    this.theta = theta;
    this.scale = scale;
    seeds = random.longs(draws).toArray();
    point = new float[theta.length];
    center = error(theta);
  }

  /** err(θ). */
  double center() {
    return center;
  }

  /** Number of draws. */
  int draws() {
    return seeds.length;
  }

  private double error(float[] at) {
    return LossEvaluation.of(
            LossFunction.CROSS_ENTROPY,
            objective.outputs(at),
            examples.labels(),
            examples.classes(),
            0)
        .error();
  }

  /** err(θ + σ s ∘ z) − err(θ) of every draw. */
  double[] rises(double sigma) throws InterruptedException {
    double[] rises = new double[seeds.length];
    for (int draw = 0; draw < seeds.length; draw++) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      SplittableRandom random = new SplittableRandom(seeds[draw]);
      for (int i = 0; i < point.length; i++) {
        point[i] = (float) (theta[i] + sigma * scale[i] * random.nextGaussian());
      }
      rises[draw] = error(point) - center;
    }
    Uncertain mean = Uncertain.mean(rises, Source.PROBES);
    looks.add(new double[] {sigma, mean.value(), mean.halfWidth(CONFIDENCE)});
    return rises;
  }

  private double rise(double sigma) throws InterruptedException {
    return Uncertain.mean(rises(sigma), Source.PROBES).value();
  }

  /**
   * σ*; not converged where no noise raises the error so much, or any noise does.
   *
   * @param start where the search begins, above 0
   * @param rise r
   * @param tolerance relative, of σ*
   */
  Uncertain size(double start, double rise, double tolerance) throws InterruptedException {
    double factor = rise(start) > rise ? 0.5 : 2;
    double before = start;
    double next = start * factor;
    for (int i = 0; rise(next) > rise == factor < 1; i++) {
      if (i == MOST_DOUBLINGS) {
        return Uncertain.of(next, List.of(), false);
      }
      before = next;
      next *= factor;
    }
    double low = Math.min(before, next);
    double high = Math.max(before, next);
    while (high - low > tolerance * (high + low)) {
      double middle = (low + high) / 2;
      if (rise(middle) <= rise) {
        low = middle;
      } else {
        high = middle;
      }
    }
    double size = (low + high) / 2;
    double slope =
        (rise(size * SLOPE_STEP) - rise(size / SLOPE_STEP))
            / (size * (SLOPE_STEP - 1 / SLOPE_STEP));
    double spread = Uncertain.mean(rises(size), Source.PROBES).standardError();
    if (!(slope > 0)) {
      return Uncertain.of(size, List.of(), false);
    }
    return Uncertain.of(
        size,
        List.of(
            new Contribution(Source.PROBES, spread / slope, seeds.length - 1.0),
            Contribution.known(Source.RESIDUAL, (high - low) / 2)),
        true);
  }

  /** The mean rise at every size that was looked at, by size, with 95 % intervals. */
  Table table(String name) {
    Table.Builder table = new Table.Builder(name, "sigma", "errorRise", "low", "high");
    looks.stream()
        .sorted((one, other) -> Double.compare(one[0], other[0]))
        .forEach(look -> table.row(look[0], look[1], look[1] - look[2], look[1] + look[2]));
    return table.build();
  }
}
