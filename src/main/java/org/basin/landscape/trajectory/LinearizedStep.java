package org.basin.landscape.trajectory;

import org.basin.train.OptimizerOptions;
import org.basin.train.TrainingSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * One step of an optimiser near a minimum, where it is a linear map, and the largest curvature at
 * which that map is stable (Cohen et al. 2021, "Gradient descent on neural networks typically
 * occurs at the edge of stability", appendix B; Cohen et al. 2022, "Adaptive gradient methods at
 * the edge of stability", section 2).
 *
 * <p>With g = Hθ, D the layers' multipliers of the rate η, Λ the decoupled decay λ on the weights,
 * K = I − η D Λ, and Adam's preconditioner P held fixed (I for the others), S = D P⁻¹, the steps of
 * {@link org.basin.train.OptimizerKind} are
 *
 * <pre>
 * sgd          θ' = K θ − η S H θ
 * heavy-ball   v' = μ v − η S H θ,            θ' = K θ + v'
 * nesterov     v' = μ v − η S H θ,            θ' = K θ − μ v + (1+μ) v'
 * adam         m' = β₁ m + (1−β₁) H θ,        θ' = K θ − η S m'
 * </pre>
 *
 * <p>For θ_t = zᵗ S^½ φ with ‖φ‖ = 1, the product of the recursion in θ alone with φ* is a
 * quadratic with real coefficients, in a = η φ* S^½ H S^½ φ and k = φ* K φ:
 *
 * <pre>
 * sgd          z = k − a
 * heavy-ball   z² − (μ + k − a) z + μ k = 0
 * nesterov     z² − (μ + k − (1+μ) a) z + μ (k − a) = 0
 * adam         as heavy-ball, with β₁ for μ and (1−β₁) a for a
 * </pre>
 *
 * <p>A complex pair has |z|² = the last term, below 1 for a ≥ 0 and 0 ≤ k ≤ 1; so as curvature
 * grows stability is lost by a real root that passes −1, where the polynomial is 0:
 *
 * <pre>
 * a + (C/2) (1 − k) = C,   C = 2                       sgd
 *                              2 + 2μ                  heavy-ball
 *                              (2 + 2μ) / (1 + 2μ)     nesterov
 *                              2 (1+β₁) / (1−β₁)       adam, adamw
 * </pre>
 *
 * <p>that is, the step is stable exactly while the largest eigenvalue of
 *
 * <pre>
 * M = S^½ H S^½ + (C/2) D Λ     is below     C / η
 * </pre>
 *
 * <p>and H has no negative eigenvalue. What this leaves out: noise of mini-batches, which keeps the
 * sharpness lower.
 *
 * <p>A clip by the global norm multiplies the loss's gradient by s = min(1, c / ‖g‖), though not
 * that of the L2 penalty, which is added afterwards. With s held fixed, H stands for s H, so the
 * threshold for H is C / (s η), and what is added to it is divided by s. Clipping by elements has
 * no linear map of this form.
 *
 * @param scale S^½, {@code [P]}; null for I
 * @param shift the diagonal that M has beside S^½ H S^½, {@code [P]}; null for 0
 * @param threshold C / (s η); NaN where there is none, and where η is 0, with which every curvature
 *     is stable
 */
record LinearizedStep(float @Nullable [] scale, float @Nullable [] shift, double threshold) {

  /** C. */
  static double coefficient(OptimizerOptions options) {
    double mu = options.momentum();
    return switch (options.name()) {
      case SGD -> 2;
      case HEAVY_BALL -> 2 + 2 * mu;
      case NESTEROV -> (2 + 2 * mu) / (1 + 2 * mu);
      case ADAM, ADAMW -> 2 * (1 + options.beta1()) / (1 - options.beta1());
    };
  }

  /** C / η as a formula. */
  static String formula(OptimizerOptions options) {
    return switch (options.name()) {
      case SGD -> "2 / η";
      case HEAVY_BALL -> "(2 + 2 μ) / η";
      case NESTEROV -> "(2 + 2 μ) / ((1 + 2 μ) η)";
      case ADAM, ADAMW -> "2 (1 + β₁) / ((1 − β₁) η)";
    };
  }

  /**
   * The step that is done next at {@code snapshot}, with Adam's preconditioner of the last one.
   *
   * @param measuredL2 coefficient of the L2 penalty that the measured H has in it
   * @param clipping s, 1 where nothing is clipped, NaN where it is not known
   * @return null where Adam's preconditioner is not known
   */
  static @Nullable LinearizedStep of(
      OptimizerOptions options,
      ParameterRates rates,
      TrainingSnapshot snapshot,
      double measuredL2,
      double clipping) {
    float[] square = rates.uniform() ? null : rates.multiplier();
    if (options.name().adaptive()) {
      float[] moment = snapshot.secondMoment();
      if (moment == null || snapshot.step() == 0) {
        return null;
      }
      square = preconditioned(options, rates, moment, snapshot.step());
    }
    double coefficient = coefficient(options);
    double clipped = Double.isNaN(clipping) ? 1 : clipping;
    double penalty = options.l2() / clipped - measuredL2;
    double decay = coefficient / 2 * options.decay() / clipped;
    double threshold = coefficient / (clipping * snapshot.learningRate());
    return new LinearizedStep(
        square == null ? null : roots(square),
        penalty == 0 && decay == 0 ? null : shift(rates, square, penalty, decay),
        Double.isFinite(threshold) ? threshold : Double.NaN);
  }

  /**
   * S = D P⁻¹ of the step before: θ moved by η D P⁻¹ m with the uncorrected m, so
   *
   * <pre>
   * P = (1 − β₁ᵗ) (√s + ε) / √(1 − β₂ᵗ)
   * </pre>
   */
  private static float[] preconditioned(
      OptimizerOptions options, ParameterRates rates, float[] moment, long step) {
    final double t = (double) step;
    double correction =
        Math.sqrt(1 - Math.pow(options.beta2(), t)) / (1 - Math.pow(options.beta1(), t));
    float[] square = new float[moment.length];
    for (int i = 0; i < moment.length; i++) {
      square[i] =
          (float) (rates.multiplier()[i] * correction / (Math.sqrt(moment[i]) + options.epsilon()));
    }
    return square;
  }

  private static float[] roots(float[] values) {
    float[] roots = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      roots[i] = (float) Math.sqrt(values[i]);
    }
    return roots;
  }

  private static float[] shift(
      ParameterRates rates, float @Nullable [] square, double penalty, double decay) {
    float[] shift = new float[rates.weight().length];
    for (int i = 0; i < shift.length; i++) {
      if (rates.weight()[i]) {
        double s = square == null ? 1 : square[i];
        shift[i] = (float) (s * penalty + rates.multiplier()[i] * decay);
      }
    }
    return shift;
  }
}
