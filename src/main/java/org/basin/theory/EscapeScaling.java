package org.basin.theory;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Comparison;
import org.basin.measurement.Comparisons;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.theory.EscapeTimes.Quantile;

/**
 * How the mean time that stochastic gradient descent takes to leave the top of −½ax² scales with a,
 * η and σ, against {@link LinearEscape#asymptoticMean}: it grows as ln(1/σ) / ln(1 + ηa), and with
 * a and η as the whole law says, so that measured on predicted has slope 1. Gradient descent from
 * u_0 takes ln(r/|u_0|) / ln(1 + ηa) steps, rounded up.
 */
public final class EscapeScaling {
  /** The study. */
  public static final StudyKind<EscapeScalingOptions> KIND =
      new StudyKind<>(
          "escape-scaling",
          1,
          "The time to leave a strict saddle is about ln(r/|u_0|) / ln(1 + ηa): halving "
              + "the noise adds a constant number of steps, while halving the step size or the "
              + "curvature doubles them.",
          EscapeScalingOptions.DEFAULTS,
          EscapeScaling::measure,
          List.of());

  /** Half-intervals wider than this share of a predicted slope say nothing. */
  private static final double RESOLUTION = 0.05;

  /** What an asymptotic law may be off by, as a share of its slope. */
  private static final double TOLERANCE = 0.005;

  private static final int STARTS = 40;

  private final EscapeScalingOptions options;
  private final SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
  private final List<Comparison> comparisons = new ArrayList<>();
  private final Table.Builder table =
      new Table.Builder(
          "scaling",
          "curvature",
          "stepSize",
          "sigma",
          "censored",
          "mean",
          "meanError",
          "median",
          "medianLow",
          "medianHigh",
          "predictedMean");

  private EscapeScaling(EscapeScalingOptions options) {
    this.options = options;
  }

  /** One point of a sweep. */
  private record Point(double x, Uncertain mean, double predicted) {}

  /**
   * Runs and compares: {@code sigmaSlope}, {@code curvatureSlope}, {@code stepSizeSlope} and {@code
   * startSlope}, each with its {@code …Predicted}; a sweep with a censored run has no mean time and
   * no slope. The details are {@link Comparisons}.
   *
   * @param random decides the noise
   */
  public static Measurement measure(EscapeScalingOptions options, SplittableRandom random) {
    return new EscapeScaling(options).measure(random);
  }

  private Measurement measure(SplittableRandom random) {
    double a = options.curvature();
    double eta = options.stepSize();
    List<Point> points = new ArrayList<>();
    for (double each : options.sigmas()) {
      points.add(point(a, eta, each, Math.log(1 / each), random.split()));
    }
    double logGrowth = Math.log1p(eta * a);
    slope("sigma", "slope of the mean escape time in ln(1/sigma)", points, 1 / logGrowth);
    points.clear();
    for (double each : options.curvatures()) {
      Point point = point(each, eta, options.sigma(), 0, random.split());
      points.add(new Point(point.predicted(), point.mean(), point.predicted()));
    }
    slope("curvature", "slope of measured on predicted mean over the curvatures", points, 1);
    points.clear();
    for (double each : options.stepSizes()) {
      Point point = point(a, each, options.sigma(), 0, random.split());
      points.add(new Point(point.predicted(), point.mean(), point.predicted()));
    }
    slope("stepSize", "slope of measured on predicted mean over the step sizes", points, 1);
    Table starts = starts(a, eta);
    return new Measurement(
        scalars, new Comparisons(comparisons), List.of(table.build(), starts), Map.of());
  }

  private Point point(double a, double eta, double sigma, double x, SplittableRandom random) {
    Function hill = QuadraticForm.hill(a);
    GradientNoise noise = GradientNoise.isotropic(hill, sigma);
    double radius = options.radius();
    int[] times = new int[options.runs()];
    for (int run = 0; run < times.length; run++) {
      times[run] =
          EscapeTimes.run(
              new GradientDescent(1, noise, eta, random.split()),
              new double[1],
              at -> Math.abs(at[0]) > radius,
              options.stepLimit());
    }
    EscapeTimes escape = new EscapeTimes(times);
    Uncertain mean = escape.mean();
    Quantile median = escape.quantile(0.5, options.confidence());
    double predicted = new LinearEscape(1 + eta * a, eta * sigma, 0).asymptoticMean(radius);
    table.row(
        a,
        eta,
        sigma,
        (double) escape.censored() / escape.runs(),
        mean.value(),
        mean.converged() ? mean.standardError() : Double.NaN,
        finite(median.value()),
        finite(median.low()),
        finite(median.high()),
        predicted);
    return new Point(x, mean, predicted);
  }

  private static double finite(double value) {
    return Double.isFinite(value) ? value : Double.NaN;
  }

  private void slope(String name, String quantity, List<Point> points, double predicted) {
    Uncertain slope;
    if (points.stream().allMatch(point -> point.mean().converged())) {
      slope =
          LineFit.weighted(
                  points.stream().mapToDouble(Point::x).toArray(),
                  points.stream().mapToDouble(point -> point.mean().value()).toArray(),
                  points.stream().mapToDouble(point -> point.mean().standardError()).toArray())
              .slope();
      scalars.put(name + "Slope", slope);
    } else {
      slope = Uncertain.of(Double.NaN, List.of(), false);
    }
    compare(name, quantity, slope, predicted);
  }

  private void compare(String name, String quantity, Uncertain slope, double predicted) {
    scalars.put(name + "SlopePredicted", Uncertain.exact(predicted));
    comparisons.add(
        Comparison.of(
            quantity,
            slope,
            predicted,
            TOLERANCE * predicted,
            RESOLUTION * predicted,
            options.confidence()));
  }

  private Table starts(double a, double eta) {
    Function hill = QuadraticForm.hill(a);
    double radius = options.radius();
    double[] x = new double[STARTS];
    double[] y = new double[STARTS];
    Table.Builder starts = new Table.Builder("starts", "start", "steps", "predictedSteps");
    int others = 0;
    for (int i = 0; i < STARTS; i++) {
      double start = radius * Math.pow(10, -1 - 8.0 * i / (STARTS - 1));
      int predicted = LinearEscape.deterministicSteps(1 + eta * a, start, radius);
      x[i] = Math.log(1 / start);
      y[i] =
          EscapeTimes.run(
              GradientDescent.exact(hill, eta),
              new double[] {start},
              at -> Math.abs(at[0]) > radius,
              predicted + 1);
      others += y[i] == predicted ? 0 : 1;
      starts.row(start, y[i] == EscapeTimes.NEVER ? Double.NaN : y[i], predicted);
    }
    Uncertain slope = LineFit.leastSquares(x, y).slope();
    scalars.put("startSlope", slope);
    compare(
        "start",
        "slope of gradient descent's escape time in ln(1/|u_0|)",
        slope,
        1 / Math.log1p(eta * a));
    comparisons.add(
        Comparison.ofExceptions(
            "gradient descent leaves after ln(r/|u_0|)/ln(1 + eta a) steps",
            others,
            STARTS,
            "starts took another number of steps"));
    return starts.build();
  }
}
