package org.basin.theory;

import java.util.List;
import org.basin.Require;

/**
 * What {@link EscapeScaling} runs: three sweeps, each about the same base.
 *
 * @param curvature a of the base
 * @param stepSize η of the base
 * @param sigma σ of the base
 * @param curvatures a of the first sweep, ascending
 * @param stepSizes η of the second
 * @param sigmas σ of the third
 * @param radius r
 * @param runs independent runs at each point
 * @param stepLimit steps after which a run that is not out is censored
 * @param confidence of every interval
 */
public record EscapeScalingOptions(
    double curvature,
    double stepSize,
    double sigma,
    List<Double> curvatures,
    List<Double> stepSizes,
    List<Double> sigmas,
    double radius,
    int runs,
    int stepLimit,
    double confidence) {
  /** Two decades of rates, four of noise that is small beside the radius, as the law wants it. */
  public static final EscapeScalingOptions DEFAULTS =
      new EscapeScalingOptions(
          1,
          0.1,
          1e-3,
          List.of(0.25, 0.5, 1.0, 2.0, 4.0),
          List.of(0.025, 0.05, 0.1, 0.2, 0.4),
          List.of(1e-6, 1e-5, 1e-4, 1e-3, 1e-2),
          1,
          1000,
          20_000,
          0.999);

  /** The largest ησ/r for which the law of small noise is taken for the truth. */
  private static final double LARGEST_RELATIVE_NOISE = 0.01;

  /** Checks ranges. */
  public EscapeScalingOptions {
    curvatures = List.copyOf(curvatures);
    stepSizes = List.copyOf(stepSizes);
    sigmas = List.copyOf(sigmas);
    Require.positive("curvature", curvature, 1e6);
    Require.positive("stepSize", stepSize, 1e6);
    Require.positive("sigma", sigma, 1e6);
    Require.positive("radius", radius, 1e6);
    ascending("curvatures", curvatures);
    ascending("stepSizes", stepSizes);
    ascending("sigmas", sigmas);
    rate("curvature", curvature * stepSize);
    for (double each : curvatures) {
      rate("curvatures", each * stepSize);
    }
    for (double each : stepSizes) {
      rate("stepSizes", each * curvature);
      noise("stepSizes", each * sigma, radius);
    }
    noise("sigma", stepSize * sigma, radius);
    for (double each : sigmas) {
      noise("sigmas", stepSize * each, radius);
    }
    Require.inRange("runs", runs, 20, 1_000_000);
    Require.inRange("stepLimit", stepLimit, 10, 100_000_000);
    Require.inRange("confidence", confidence, 0.5, 0.999999);
  }

  private static void ascending(String key, List<Double> values) {
    Require.that(values.size() >= 3, key, "has " + values.size() + " numbers, allowed: 3 or more");
    double previous = 0;
    for (double value : values) {
      Require.that(value > previous, key, "is " + values + ", allowed: ascending, above 0");
      previous = value;
    }
  }

  private static void rate(String key, double rate) {
    Require.that(
        rate >= 1e-4 && rate <= 1,
        key,
        "makes stepSize times curvature " + rate + ", allowed: from 0.0001 to 1");
  }

  private static void noise(String key, double noise, double radius) {
    Require.that(
        noise / radius <= LARGEST_RELATIVE_NOISE,
        key,
        "makes stepSize times sigma %s of the radius, allowed: up to %s"
            .formatted(noise / radius, LARGEST_RELATIVE_NOISE));
  }
}
