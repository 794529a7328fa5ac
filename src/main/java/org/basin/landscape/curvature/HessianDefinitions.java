package org.basin.landscape.curvature;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** What each scalar of the Hessian probe is. */
final class HessianDefinitions {
  static final SequencedMap<String, String> SCALARS = scalars();

  private HessianDefinitions() {}

  private static SequencedMap<String, String> scalars() {
    SequencedMap<String, String> scalars = new LinkedHashMap<>();
    scalars.put(
        "largestEigenvalue",
        "Largest eigenvalue λ₁ of the Hessian H, the matrix of the loss's second derivatives:"
            + " the curvature in the sharpest direction");
    scalars.put(
        "smallestEigenvalue",
        "Smallest eigenvalue of the Hessian H; below 0, the loss curves downwards in some"
            + " direction");
    scalars.put("noiseFloor", "ν, the size below which float32 cannot tell an eigenvalue from 0");
    scalars.put("trace", "tr H, the sum of all eigenvalues of the Hessian");
    scalars.put(
        "negativeCount", "Number of eigenvalues of the Hessian below −ν, with ν the noise floor");
    scalars.put(
        "nullCount",
        "Number of eigenvalues of the Hessian from −ν to ν, which are 0 as far as float32 can"
            + " tell");
    scalars.put(
        "positiveCount", "Number of eigenvalues of the Hessian of ν, the noise floor, and above");
    scalars.put(
        "negativeFraction",
        "Eigenvalues below −ν as a share of all: negative count / number of parameters");
    scalars.put(
        "outliers",
        "Number of eigenvalues that stand above the bulk, by the largest ratio of one"
            + " eigenvalue to the next; about as many as there are classes are expected");
    scalars.put(
        "gaussNewtonLargestEigenvalue",
        "Largest eigenvalue of G, the Gauss–Newton part of H = G + R: the curvature that a"
            + " network linear in its parameters would have");
    scalars.put("gaussNewtonTrace", "tr G, the sum of the eigenvalues of the Gauss–Newton part");
    scalars.put(
        "residualLargestMagnitude",
        "‖R‖₂, the largest |eigenvalue| of R = H − G: the part of the curvature that comes"
            + " from the network bending in its parameters");
    scalars.put("residualTrace", "tr R, the sum of the eigenvalues of R = H − G");
    scalars.put(
        "gradientNorm",
        "‖∇L‖, the length of the gradient of the loss over all measured examples; 0 at a"
            + " minimum");
    scalars.put(
        "gradientOverlap",
        "‖Qᵀ∇L‖² / ‖∇L‖², the share of the gradient in the span of the largest eigenvectors"
            + " that were computed");
    scalars.put(
        "gradientClassOverlap",
        "‖Qᵀ∇L‖² / ‖∇L‖² with the eigenvectors of the K largest eigenvalues, for K classes");
    return scalars;
  }
}
