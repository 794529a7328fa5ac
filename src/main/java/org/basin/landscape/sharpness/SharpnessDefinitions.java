package org.basin.landscape.sharpness;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** What each scalar of the sharpness probe is. */
final class SharpnessDefinitions {
  static final SequencedMap<String, String> SCALARS = scalars();

  private SharpnessDefinitions() {}

  private static SequencedMap<String, String> scalars() {
    SequencedMap<String, String> scalars = new LinkedHashMap<>();
    for (Scaling scaling : Scaling.values()) {
      String within =
          scaling == Scaling.ADAPTIVE
              ? "‖δ / |θ|‖ ≤ ρ, every change relative to its parameter, ρ the first of the adaptive"
                  + " radii"
              : "‖δ‖ ≤ ρ, ρ the first of the radii";
      scalars.put(
          scaling.named("worstCase"),
          "max L(θ + δ) − L(θ), the largest rise of the loss that was found within " + within);
      scalars.put(
          scaling.named("worstCaseOneStep"),
          "L(θ + δ) − L(θ) after one step along the gradient to the edge of " + within);
      scalars.put(
          scaling.named("mSharpness"),
          "Mean over mini-batches of the largest rise of each one's own loss within " + within);
      scalars.put(
          scaling.named("mSharpnessOneStep"),
          "Mean over mini-batches of the rise of each one's own loss after one step along its"
              + " gradient to the edge of "
              + within);
      scalars.put(
          scaling.named("averageCase"),
          "E L(θ + δ) − L(θ), the mean rise of the loss under Gaussian noise δ of the mean square"
              + (scaling == Scaling.ADAPTIVE
                  ? " E ‖δ / |θ|‖² = ρ², in proportion to every parameter, ρ the first of the"
                      + " adaptive radii"
                  : " E ‖δ‖² = ρ², ρ the first of the radii"));
    }
    return scalars;
  }
}
