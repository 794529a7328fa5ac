package org.basin.landscape.sharpness;

import java.util.SplittableRandom;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;

/**
 * The mean rise of a loss under Gaussian perturbations.
 *
 * <pre>
 * E L(σ z) − L(0),  z ~ N(0, I_P),  σ = ρ / √P,  so that  E ‖σ z‖² = ρ²
 * </pre>
 *
 * <p>P counts the parameters that can move. For a quadratic loss this is ρ² tr H / (2 P), with H
 * the second derivatives by u. Every draw is used with both signs, ½ (L(σz) + L(−σz)), which takes
 * the gradient's part out of the variance.
 */
final class AverageCase {
  private AverageCase() {}

  /**
   * The mean at every radius, all from the same draws, so that the curve against the radius is
   * smooth: 2 losses a pair and radius.
   *
   * @param pairs number of draws, at least 2, each with both signs
   */
  static Uncertain[] at(double[] radii, PerturbedLoss loss, int pairs, SplittableRandom random)
      throws InterruptedException {
    double[][] rises = new double[radii.length][pairs];
    double[] z = new double[loss.size()];
    double[] sigmas = new double[2 * radii.length];
    double unit = 1 / Math.sqrt(Math.max(1, loss.moving()));
    for (int pair = 0; pair < pairs; pair++) {
      for (int i = 0; i < z.length; i++) {
        z[i] = random.nextGaussian();
      }
      for (int r = 0; r < radii.length; r++) {
        sigmas[2 * r] = radii[r] * unit;
        sigmas[2 * r + 1] = -sigmas[2 * r];
      }
      double[] losses = loss.at(z, sigmas);
      for (int r = 0; r < radii.length; r++) {
        rises[r][pair] = (losses[2 * r] + losses[2 * r + 1]) / 2 - loss.center();
      }
    }
    Uncertain[] means = new Uncertain[radii.length];
    for (int r = 0; r < radii.length; r++) {
      means[r] = mean(rises[r], loss);
    }
    return means;
  }

  private static Uncertain mean(double[] rises, PerturbedLoss loss) {
    for (double rise : rises) {
      if (!Double.isFinite(rise)) {
        return WorstCase.notFinite();
      }
    }
    Uncertain mean = Uncertain.mean(rises, Source.PROBES);
    return mean.with(
        Contribution.known(Source.ROUNDING, loss.rounding(loss.center() + mean.value())));
  }
}
