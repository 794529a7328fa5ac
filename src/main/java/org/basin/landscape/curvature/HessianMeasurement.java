package org.basin.landscape.curvature;

import java.util.List;
import org.basin.linalg.Eigenpair;
import org.basin.linalg.Uncertain;

/**
 * The curvature of an objective L at θ: H = ∇²L, its Gauss–Newton part G and the rest R = H − G.
 *
 * @param parameters order P of H
 * @param examples number of examples that L is a mean over
 * @param classes number of outputs K
 * @param exact whether every eigenvalue of H was computed, so that only rounding is in doubt
 * @param largest the algebraically largest eigenvalues of H, descending
 * @param smallest the algebraically smallest, ascending
 * @param multiplicitiesChecked when false, an eigenvalue may stand here fewer times than its
 *     multiplicity
 * @param noiseFloor magnitude ν below which float32 products cannot tell an eigenvalue from 0
 * @param negativeCurvature whether the smallest value is below −ν. A Rayleigh quotient is never
 *     below the smallest eigenvalue, so this holds for values that did not converge too; false then
 *     says nothing
 * @param negativeSignificance −λ_min / ν: how many noise floors the smallest value lies below 0; 0
 *     where it does not
 * @param trace tr H
 * @param negativeCount eigenvalues below −ν
 * @param nullCount eigenvalues from −ν to below ν. Inside a continuum a band that narrow is not
 *     resolved by the quadrature, and the three counts are then not converged
 * @param positiveCount eigenvalues of ν and above
 * @param outliers how many eigenvalues stand above the bulk: the i of at most 2 K for which λ_i /
 *     max(λ_{i+1}, ν) is largest. About K are expected (Sagun, Evci, Güney, Dauphin and Bottou
 *     2018), K of them in G (Papyan 2020). Not converged where the values' errors leave the place
 *     of that gap open
 * @param gaussNewtonLargest largest eigenvalue of G
 * @param gaussNewtonTrace tr G
 * @param residualLargest largest eigenvalue of R
 * @param residualSmallest smallest eigenvalue of R
 * @param residualTrace tr R
 * @param gradientNorm ‖∇L‖
 * @param gradientOverlap ‖Qᵀ∇L‖² / ‖∇L‖², with Q the eigenvectors of {@code largest}; 0 where the
 *     gradient is 0
 * @param gradientClassOverlap the same with the eigenvectors of the K largest (Gur-Ari, Roberts and
 *     Dyer 2018)
 */
public record HessianMeasurement(
    int parameters,
    int examples,
    int classes,
    boolean exact,
    List<Eigenvalue> largest,
    List<Eigenvalue> smallest,
    boolean multiplicitiesChecked,
    double noiseFloor,
    boolean negativeCurvature,
    double negativeSignificance,
    Uncertain trace,
    Uncertain negativeCount,
    Uncertain nullCount,
    Uncertain positiveCount,
    Uncertain outliers,
    Eigenvalue gaussNewtonLargest,
    Uncertain gaussNewtonTrace,
    Eigenvalue residualLargest,
    Eigenvalue residualSmallest,
    Uncertain residualTrace,
    Uncertain gradientNorm,
    Uncertain gradientOverlap,
    Uncertain gradientClassOverlap) {

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

  /** ‖R‖₂, the larger magnitude of its two ends. */
  public Uncertain residualLargestMagnitude() {
    Uncertain high = residualLargest.eigenvalue();
    Uncertain low = residualSmallest.eigenvalue();
    boolean above = Math.abs(high.value()) >= Math.abs(low.value());
    Uncertain magnitude = above ? high : low;
    boolean converged = high.converged() && low.converged();
    return Uncertain.of(Math.abs(magnitude.value()), magnitude.sources(), converged);
  }
}
