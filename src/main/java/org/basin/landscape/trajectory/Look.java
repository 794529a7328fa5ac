package org.basin.landscape.trajectory;

import java.util.List;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Table;

/**
 * What one look at a training saw. NaN is what could not be had.
 *
 * @param step steps done
 * @param learningRate scheduled rate η of the next step
 * @param loss L(θ)
 * @param sharpness λ₁, largest eigenvalue of H
 * @param preconditionedSharpness largest eigenvalue of M of {@link LinearizedStep}: λ₁ where the
 *     optimiser scales nothing and nothing decays
 * @param threshold largest value of it at which the step is stable; NaN where η is 0 too
 * @param clipping factor s by which the clip scales the gradient, 1 where it does not, NaN where it
 *     is no factor
 * @param gradientNorm ‖∇L‖
 * @param noiseScale tr Σ / ‖∇L‖², in examples
 * @param distance ‖θ − θ₀‖
 * @param relativeDistance ‖θ − θ₀‖ / ‖θ₀‖
 * @param steps the loss along the gradient
 */
record Look(
    long step,
    double learningRate,
    double loss,
    Uncertain sharpness,
    Uncertain preconditionedSharpness,
    double threshold,
    double clipping,
    double gradientNorm,
    Uncertain noiseScale,
    double distance,
    double relativeDistance,
    GradientSteps steps) {

  /** What could not be had. */
  static final Uncertain UNKNOWN = Uncertain.of(Double.NaN, List.of(), false);

  /** Preconditioned sharpness over its threshold: 1 is the edge of stability; 0 where η is 0. */
  Uncertain ratio() {
    if (learningRate == 0) {
      return preconditionedSharpness.times(0);
    }
    return Double.isNaN(threshold) ? UNKNOWN : preconditionedSharpness.times(1 / threshold);
  }

  /** The looks as a table, one a row. */
  static Table table(List<Look> looks) {
    Table.Builder table =
        new Table.Builder(
            "trajectory",
            "step",
            "learningRate",
            "loss",
            "sharpness",
            "sharpnessError",
            "converged",
            "preconditionedSharpness",
            "preconditionedSharpnessError",
            "threshold",
            "ratio",
            "clipping",
            "gradientNorm",
            "noiseScale",
            "noiseScaleError",
            "distance",
            "relativeDistance",
            "lossChangeMin",
            "lossChangeMax",
            "gradientChangeMin",
            "gradientChangeMax",
            "smoothness",
            "smoothnessError");
    for (Look look : looks) {
      boolean preconditioned = !Double.isNaN(look.preconditionedSharpness.value());
      boolean converged =
          look.sharpness.converged()
              && (!preconditioned || look.preconditionedSharpness.converged());
      table.row(
          (double) look.step,
          look.learningRate,
          look.loss,
          look.sharpness.value(),
          error(look.sharpness),
          converged ? 1 : 0,
          look.preconditionedSharpness.value(),
          error(look.preconditionedSharpness),
          look.threshold,
          look.ratio().value(),
          look.clipping,
          look.gradientNorm,
          look.noiseScale.value(),
          error(look.noiseScale),
          look.distance,
          look.relativeDistance,
          look.steps.lossChangeMin(),
          look.steps.lossChangeMax(),
          look.steps.gradientChangeMin(),
          look.steps.gradientChangeMax(),
          look.steps.smoothness().value(),
          error(look.steps.smoothness()));
    }
    return table.build();
  }

  private static double error(Uncertain value) {
    return Double.isNaN(value.value()) ? Double.NaN : value.standardError();
  }
}
