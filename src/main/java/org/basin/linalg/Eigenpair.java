package org.basin.linalg;

import java.util.List;

/**
 * An eigenvalue with its eigenvector.
 *
 * @param value λ, the Rayleigh quotient vᵀHv of the vector
 * @param vector v, {@code [n]}, of norm 1; its sign is arbitrary
 * @param residual ‖H v − λ v‖, from a product that was computed for it
 * @param residualError bound min(r, r² / gap) on |λ − an eigenvalue of H| by the residual r, with
 *     the gap to the other values that were found (Kato and Temple; Parlett 1998, theorem 11.7.1)
 * @param rounding what float32 products may move λ by
 * @param converged whether the residual is within the tolerance that was asked for
 */
public record Eigenpair(
    double value,
    float[] vector,
    double residual,
    double residualError,
    double rounding,
    boolean converged) {

  /** λ with its sources of error. */
  public Uncertain uncertain() {
    return Uncertain.of(
        value,
        List.of(
            Uncertain.Contribution.known(Uncertain.Source.RESIDUAL, residualError),
            Uncertain.Contribution.known(Uncertain.Source.ROUNDING, rounding)),
        converged);
  }
}
