package org.basin.landscape.trajectory;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** What each scalar of the trajectory probe is. */
final class TrajectoryDefinitions {
  static final SequencedMap<String, String> SCALARS = scalars();

  private TrajectoryDefinitions() {}

  private static SequencedMap<String, String> scalars() {
    SequencedMap<String, String> scalars = new LinkedHashMap<>();
    scalars.put(
        "finalRatio",
        "Sharpness over the largest at which the optimiser's step is stable (2/η for gradient"
            + " descent of step η), at the end of training; 1 is the edge of stability");
    scalars.put(
        "lateRatio",
        "Sharpness over the largest at which the optimiser's step is stable, mean over the"
            + " last quarter of training; 1 is the edge of stability");
    scalars.put(
        "edgeReached",
        "First step that was looked at at which the sharpness was as large as the optimiser's"
            + " step can bear");
    scalars.put(
        "largestSharpness",
        "Largest eigenvalue of the Hessian met in training, over the steps that were looked"
            + " at");
    scalars.put(
        "progressiveSharpening", "Largest sharpness met in training / sharpness at the start");
    scalars.put(
        "finalNoiseScale",
        "tr Σ / ‖∇L‖² at the end, with Σ the covariance of single examples' gradients: the"
            + " batch size, in examples, at which noise and gradient are of one size");
    scalars.put(
        "finalDistance", "‖θ − θ₀‖ at the end, how far the parameters are from where they started");
    scalars.put(
        "largestSmoothness",
        "max ‖∇L(θ′) − ∇L(θ)‖ / ‖θ′ − θ‖ along the gradient around the learning rate, the"
            + " largest met in training: how fast the gradient changes");
    return scalars;
  }
}
