package org.basin.landscape.sharpness;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** What each scalar of the basin-width probe is. */
final class BasinWidthDefinitions {
  static final SequencedMap<String, String> SCALARS = scalars();

  private BasinWidthDefinitions() {}

  private static SequencedMap<String, String> scalars() {
    SequencedMap<String, String> scalars = new LinkedHashMap<>();
    scalars.put(
        "randomDistance",
        "How far one can go until the loss has risen by the given amount, in units of the"
            + " network's own norm: median over random directions");
    scalars.put(
        "ascentDistance",
        "‖δ‖ at which the loss has risen by the given amount along the gradient, the way"
            + " straight uphill");
    scalars.put(
        "descentDistance",
        "‖δ‖ at which the loss has risen by the given amount against the gradient: downhill"
            + " first, then up again");
    scalars.put(
        "largestEigenvectorHalfWidth",
        "‖δ‖ at which the loss has risen by the given amount along the sharpest direction,"
            + " the eigenvector of the Hessian's largest eigenvalue: mean of both sides");
    scalars.put(
        "largestEigenvectorQuadratic",
        "√(2 rise / λ₁), the half-width along the sharpest direction if the loss were a"
            + " parabola of its curvature λ₁");
    scalars.put(
        "smallestEigenvectorHalfWidth",
        "‖δ‖ at which the loss has risen by the given amount along the eigenvector of the"
            + " Hessian's smallest eigenvalue: mean of both sides");
    return scalars;
  }
}
