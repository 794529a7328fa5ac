package org.basin.theory;

import org.basin.Require;

/**
 * What {@link OriginEscape} runs.
 *
 * @param modes number of singular values, s_i = 1/i
 * @param hidden rank of the factorisation and width of the network's hidden layer
 * @param stepSize η
 * @param spread standard deviation of a parameter of a random start
 * @param radius r: a run is out when ‖x‖ is beyond it
 * @param sigma standard deviation of isotropic gradient noise in a parameter
 * @param runs independent runs of each kind
 * @param stepLimit steps after which a run that is not out is censored
 * @param confidence of every interval
 */
public record OriginEscapeOptions(
    int modes,
    int hidden,
    double stepSize,
    double spread,
    double radius,
    double sigma,
    int runs,
    int stepLimit,
    double confidence) {
  /** Within a radius of 0.1, the gradient is linear to one in a hundred. */
  public static final OriginEscapeOptions DEFAULTS =
      new OriginEscapeOptions(4, 3, 0.1, 1e-5, 0.1, 1e-4, 500, 5000, 0.999);

  /** Checks ranges. */
  public OriginEscapeOptions {
    Require.inRange("modes", modes, 1, 100);
    Require.inRange("hidden", hidden, 1, modes);
    Require.inRange("stepSize", stepSize, 1e-4, 0.5);
    Require.positive("spread", spread, 1e-3);
    Require.inRange("radius", radius, 1e-2, 0.3);
    Require.positive("sigma", sigma, 1);
    Require.inRange("runs", runs, 20, 1_000_000);
    Require.inRange("stepLimit", stepLimit, 10, 10_000_000);
    Require.inRange("confidence", confidence, 0.5, 0.999999);
  }
}
