package org.basin.landscape.curvature;

import java.util.List;
import org.basin.linalg.Eigenpair;
import org.basin.linalg.Uncertain;

/**
 * The curvature of an objective L at θ: H = ∇²L, its Gauss–Newton part G and the rest R = H − G.
 *
 * @param parameters order P of H
 * @param examples number of examples that L is a mean over
 * @param largest the algebraically largest eigenvalues of H, descending
 * @param smallest the algebraically smallest, ascending
 * @param multiplicitiesChecked when false, an eigenvalue may stand here fewer times than its
 *     multiplicity
 * @param noiseFloor magnitude below which float32 products cannot tell an eigenvalue from 0
 * @param negativeCurvature whether the smallest value is below −noiseFloor. A Rayleigh quotient is
 *     never below the smallest eigenvalue, so this holds for values that did not converge too;
 *     false then says nothing
 * @param trace tr H
 * @param gaussNewtonLargest largest eigenvalue of G
 * @param gaussNewtonTrace tr G
 * @param residualTrace tr R
 * @param gradientNorm ‖∇L‖
 * @param gradientOverlap ‖Qᵀ∇L‖² / ‖∇L‖², with Q the eigenvectors of {@code largest}; 0 where the
 *     gradient is 0
 */
public record HessianMeasurement(
    int parameters,
    int examples,
    List<Eigenvalue> largest,
    List<Eigenvalue> smallest,
    boolean multiplicitiesChecked,
    double noiseFloor,
    boolean negativeCurvature,
    Uncertain trace,
    Eigenvalue gaussNewtonLargest,
    Uncertain gaussNewtonTrace,
    Uncertain residualTrace,
    Uncertain gradientNorm,
    Uncertain gradientOverlap) {

  /**
   * An eigenvalue.
   *
   * @param eigenvalue λ
   * @param residual ‖Hv − λv‖ of its unit vector v
   */
  public record Eigenvalue(Uncertain eigenvalue, double residual) {
    static Eigenvalue of(Eigenpair pair) {
      return new Eigenvalue(pair.uncertain(), pair.residual());
    }
  }

  public HessianMeasurement {
    largest = List.copyOf(largest);
    smallest = List.copyOf(smallest);
  }
}
