package org.basin.landscape.saddle;

import java.util.SplittableRandom;
import org.basin.landscape.BatchGradients;
import org.basin.landscape.curvature.ObjectiveOperators;
import org.basin.linalg.MinimalResidual;
import org.basin.linalg.MinimalResidual.Solution;
import org.basin.linalg.NonFiniteProductException;
import org.basin.linalg.SymmetricOperator;
import org.basin.train.GradientClipping;
import org.basin.train.Objective;

/**
 * Looks for a critical point of any index by making ‖∇f‖² small: Newton-MR (Roosta, Liu, Xu and
 * Mahoney 2018, algorithm 1). With g = ∇f and H the Hessian,
 *
 * <pre>
 * p ≈ −H†g by {@link MinimalResidual},   θ ← θ + α p,   α = 1, ½, ¼, … until
 * ‖g(θ + αp)‖² ≤ ‖g‖² + 2ρα gᵀHp,   ρ = 1e-4
 * </pre>
 *
 * <p>where gᵀHp = −(‖g‖² − ‖Hp + g‖²), since the residual is orthogonal to Hp.
 *
 * <p>Such a search ends often where g lies in the null space of H, so that no step makes it smaller
 * although it is not 0 (Frye et al. 2021, "Critical point-finding methods reveal gradient-flat
 * regions of deep network losses"). Such points are no critical points.
 */
public final class NewtonSearch {
  private static final double SUFFICIENT = 1e-4;
  private static final int HALVINGS = 30;

  /** Inexact steps: the paper's relative residual. */
  private static final double STEP_TOLERANCE = 1e-2;

  /** Share of ‖H‖ down to which eigenvalues count; ten times the rounding of products. */
  private static final double STATIONARY = 1e-6;

  /** Of the last, careful solve. */
  private static final double TOLERANCE = 1e-3;

  /** Share of g that no Newton step takes away from which on a point counts as gradient-flat. */
  private static final double FLAT = 0.9;

  /** Share of the floor at which going on is no use; mostly a search stalls before. */
  private static final double DONE = 0.1;

  /** Share of the loss that a Newton step may still promise at a critical point. */
  private static final double SETTLED = 1e-2;

  private final Objective objective;
  private final BatchGradients gradients;
  private final int steps;
  private final int products;
  private final SplittableRandom random;

  /**
   * A search.
   *
   * @param steps Newton steps at most
   * @param products of one step at most
   */
  NewtonSearch(
      Objective objective,
      BatchGradients gradients,
      int steps,
      int products,
      SplittableRandom random) {
    this.objective = objective;
    this.gradients = gradients;
    this.steps = steps;
    this.products = products;
    this.random = random;
  }

  /** Where a search ended. */
  public enum Verdict {
    /** The gradient is down to its noise floor, and a Newton step promises nothing. */
    CRITICAL(0),
    /** The gradient is not 0, but lies where H is 0 as far as a Newton step can tell. */
    GRADIENT_FLAT(1),
    /** Neither, within the steps that were allowed. */
    NOT_REACHED(2);

    private final int code;

    Verdict(int code) {
      this.code = code;
    }

    /** What a table has for it. */
    int code() {
      return code;
    }
  }

  /**
   * The end of a search.
   *
   * @param theta θ, {@code [P]}
   * @param loss f
   * @param gradientNorm ‖g‖
   * @param floor its noise floor, see {@link GradientFloor}
   * @param unsolved ‖Hp + g‖ / ‖g‖ of the Newton step there: 1 where it takes nothing away
   * @param flatness ‖Hg‖ / (‖H‖ ‖g‖)
   * @param decrement ½ |gᵀp|, what the Newton step promises to change f by
   * @param steps Newton steps taken
   * @param verdict what it is
   */
  record End(
      float[] theta,
      double loss,
      double gradientNorm,
      double floor,
      double unsolved,
      double flatness,
      double decrement,
      int steps,
      Verdict verdict) {}

  /**
   * Searches.
   *
   * @param start {@code [P]}, only read
   * @param infimum f* or less
   */
  End from(float[] start, double infimum) throws InterruptedException {
    float[] theta = start.clone();
    float[] gradient = new float[theta.length];
    double loss = objective.gradient(theta, gradient);
    double floor = GradientFloor.measure(objective, gradients, theta, gradient, random);
    int step = 0;
    while (step < steps && GradientClipping.norm(gradient) > DONE * floor) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      float[] moved = new float[theta.length];
      float[] there = new float[theta.length];
      double lossThere = advance(theta, gradient, moved, there);
      if (Double.isNaN(lossThere)) {
        break;
      }
      theta = moved;
      gradient = there;
      loss = lossThere;
      floor = GradientFloor.measure(objective, gradients, theta, gradient, random);
      step++;
    }
    return end(theta, loss, gradient, floor, step, infimum);
  }

  /** One step; NaN where no step along p makes ‖g‖ smaller. */
  private double advance(float[] theta, float[] gradient, float[] moved, float[] there) {
    Solution newton;
    try {
      newton = solve(theta, gradient, STEP_TOLERANCE);
    } catch (NonFiniteProductException overflow) {
      return Double.NaN;
    }
    double norm = GradientClipping.norm(gradient);
    double square = norm * norm;
    double slope = 2 * SUFFICIENT * square * (1 - newton.residual() * newton.residual());
    double alpha = 1;
    for (int halving = 0; halving < HALVINGS; halving++) {
      for (int i = 0; i < theta.length; i++) {
        moved[i] = (float) (theta[i] - alpha * newton.x()[i]);
      }
      double loss = objective.gradient(moved, there);
      double norm2 = GradientClipping.norm(there);
      if (Double.isFinite(loss) && norm2 < norm && norm2 * norm2 <= square - alpha * slope) {
        return loss;
      }
      alpha /= 2;
    }
    return Double.NaN;
  }

  /** x with Hx = g, so that the Newton step is −x. */
  private Solution solve(float[] theta, float[] gradient, double tolerance) {
    SymmetricOperator hessian = ObjectiveOperators.hessian(objective, theta);
    return MinimalResidual.solve(hessian, gradient, tolerance, STATIONARY, products);
  }

  private End end(
      float[] theta, double loss, float[] gradient, double floor, int step, double infimum) {
    double norm = GradientClipping.norm(gradient);
    Solution newton = solve(theta, gradient, TOLERANCE);
    float[] product = new float[theta.length];
    objective.hessianVectors(theta, gradient, 1, product);
    double flatness =
        norm == 0 ? Double.NaN : GradientClipping.norm(product) / (newton.norm() * norm);
    double promised = 0;
    for (int i = 0; i < gradient.length; i++) {
      promised += gradient[i] * newton.x()[i];
    }
    double decrement = Math.abs(promised) / 2;
    Verdict verdict;
    if (norm <= 2 * floor && decrement <= SETTLED * (loss - infimum)) {
      verdict = Verdict.CRITICAL;
    } else if (norm > 2 * floor && newton.residual() >= FLAT) {
      verdict = Verdict.GRADIENT_FLAT;
    } else {
      verdict = Verdict.NOT_REACHED;
    }
    return new End(theta, loss, norm, floor, newton.residual(), flatness, decrement, step, verdict);
  }
}
