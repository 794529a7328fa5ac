package org.basin.theory;

import java.util.SplittableRandom;
import org.basin.linalg.Euclidean;

/**
 * Perturbed gradient descent (Jin et al. 2017, algorithm 2): gradient descent that, where the
 * gradient is small and no perturbation was made for a while, adds a point of a small ball, and
 * stops where that did not help.
 */
public final class PerturbedGradientDescent implements StepRule {

  /**
   * What the algorithm computes with.
   *
   * @param stepSize η = c/ℓ
   * @param radius r = √c/χ² · ε/ℓ of the ball
   * @param gradientThreshold g = √c/χ² · ε, at and below which a gradient is small
   * @param valueThreshold c/χ³ · √(ε³/ρ), by which f must have fallen
   * @param waiting χ/c² · ℓ/√(ρε) steps after a perturbation
   */
  public record Constants(
      double stepSize,
      double radius,
      double gradientThreshold,
      double valueThreshold,
      long waiting) {

    /**
     * Those of the paper, with χ = 3 max(ln(dℓΔ/(cε²δ)), 4).
     *
     * @param dimension d
     * @param smoothness ℓ, Lipschitz constant of ∇f
     * @param hessianSmoothness ρ, Lipschitz constant of ∇²f
     * @param epsilon ε: ‖∇f‖ ≤ ε and λ_min ≥ −√(ρε) is what is looked for
     * @param c at most an absolute constant that the paper does not give
     * @param delta δ, probability of failure
     * @param fall Δ ≥ f(x_0) − f*
     */
    public static Constants of(
        int dimension,
        double smoothness,
        double hessianSmoothness,
        double epsilon,
        double c,
        double delta,
        double fall) {
      double chi =
          3
              * Math.max(
                  Math.log(dimension * smoothness * fall / (c * epsilon * epsilon * delta)), 4);
      double threshold = Math.sqrt(c) / (chi * chi) * epsilon;
      return new Constants(
          c / smoothness,
          threshold / smoothness,
          threshold,
          c / (chi * chi * chi) * Math.sqrt(epsilon * epsilon * epsilon / hessianSmoothness),
          (long) Math.ceil(chi / (c * c) * smoothness / Math.sqrt(hessianSmoothness * epsilon)));
    }
  }

  private final Function function;
  private final Constants constants;
  private final SplittableRandom random;
  private final double[] gradient;
  private final double[] before;
  private double valueBefore;
  private long sincePerturbation;

  /**
   * A run.
   *
   * @param random decides the perturbations
   */
  public PerturbedGradientDescent(Function function, Constants constants, SplittableRandom random) {
    this.function = function;
    this.constants = constants;
    this.random = random;
    this.gradient = new double[function.dimension()];
    this.before = new double[function.dimension()];
    this.sincePerturbation = constants.waiting() + 1;
  }

  /** When it stops, x is where it was before the last perturbation. */
  @Override
  public boolean step(double[] x) {
    function.gradient(x, gradient);
    if (Euclidean.norm(gradient) <= constants.gradientThreshold()
        && sincePerturbation > constants.waiting()) {
      System.arraycopy(x, 0, before, 0, x.length);
      valueBefore = function.value(x);
      sincePerturbation = 0;
      perturb(x);
      function.gradient(x, gradient);
    }
    if (sincePerturbation == constants.waiting()
        && function.value(x) - valueBefore > -constants.valueThreshold()) {
      System.arraycopy(before, 0, x, 0, x.length);
      return false;
    }
    for (int i = 0; i < x.length; i++) {
      x[i] -= constants.stepSize() * gradient[i];
    }
    sincePerturbation++;
    return true;
  }

  /** Adds a point drawn uniformly from the ball: a uniform direction, at r u^(1/d). */
  private void perturb(double[] x) {
    double[] direction = gradient;
    for (int i = 0; i < direction.length; i++) {
      direction[i] = random.nextGaussian();
    }
    double scale =
        constants.radius()
            * Math.pow(random.nextDouble(), 1.0 / direction.length)
            / Euclidean.norm(direction);
    for (int i = 0; i < x.length; i++) {
      x[i] += scale * direction[i];
    }
  }
}
