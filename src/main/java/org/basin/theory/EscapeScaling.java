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
import org.basin.measurement.Figure;
import org.basin.measurement.Figure.Axis;
import org.basin.measurement.Figure.Style;
import org.basin.measurement.Figure.Trace;
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
          "Leaving a strict saddle with escape rate a takes about ln(r/|u₀|) / ln(1 + ηa) steps "
              + "from a displacement u₀, and with small noise σ instead it takes ln(1/σ) / ln(1 "
              + "+ ηa) plus a constant (Kifer 1981, for the diffusion that small steps come "
              + "close to). So ten times less noise costs a fixed number of steps more, while "
              + "half the curvature or half the step size costs about twice as many.",
          EscapeScalingOptions.DEFAULTS,
          EscapeScaling::measure,
          List.of(
              scaling(
                  "Less noise: a few steps more",
                  "sigmaScaling",
                  new Axis("sigma", "standard deviation of the gradient noise σ", true),
                  false,
                  "Every factor of ten in σ adds the same number of steps, so that the points lie "
                      + "on a straight line over a logarithmic axis. Its slope is 1 / ln(1 + ηa)."),
              scaling(
                  "Half the curvature: twice the time",
                  "curvatureScaling",
                  new Axis("curvature", "curvature a of the way out", true),
                  true,
                  "Both axes are logarithmic. For small ηa, ln(1 + ηa) ≈ ηa, and the time falls "
                      + "almost as 1/a; at the right end the steps are long and it falls more "
                      + "slowly."),
              scaling(
                  "Half the step size: twice the time",
                  "stepSizeScaling",
                  new Axis("stepSize", "step size η", true),
                  true,
                  "Only the product ηa sets the growth of a displacement, so the step size does "
                      + "what the curvature does; it also scales the noise of a step, ησ, which "
                      + "bends the line a little."),
              new Figure(
                  "Without noise: the start decides",
                  "Gradient descent from u₀ on the top of the hill. Every prediction is met to the "
                      + "step, over eight powers of ten of the start: from very close to the "
                      + "saddle it still takes no more than a few hundred steps.",
                  "starts",
                  new Axis("start", "distance of the start |u₀|", true),
                  new Axis("", "steps to leave", false),
                  List.of(
                      new Trace("measured", Style.MEASURED, "steps"),
                      new Trace("theory", Style.PREDICTED, "predictedSteps")),
                  null)));

  /** Half-intervals wider than this share of a predicted slope say nothing. */
  private static final double RESOLUTION = 0.05;

  /** What an asymptotic law may be off by, as a share of its slope. */
  private static final double TOLERANCE = 0.005;

  private static final int STARTS = 40;

  private final EscapeScalingOptions options;
  private final SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
  private final List<Comparison> comparisons = new ArrayList<>();
  private final List<Table> tables = new ArrayList<>();

  private static Figure scaling(
      String title, String table, Axis x, boolean logarithmic, String text) {
    return new Figure(
        title,
        text,
        table,
        x,
        new Axis("", "mean steps to leave", logarithmic),
        List.of(
            new Trace("measured", Style.MEASURED, "mean", "meanLow", "meanHigh"),
            new Trace("theory", Style.PREDICTED, "predictedMean")),
        null);
  }

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
    Table.Builder sigmas = scaling("sigmaScaling");
    for (double each : options.sigmas()) {
      points.add(point(sigmas, a, eta, each, Math.log(1 / each), random.split()));
    }
    tables.add(sigmas.build());
    double logGrowth = Math.log1p(eta * a);
    slope("sigma", "slope of the mean escape time in ln(1/σ)", points, 1 / logGrowth);
    points.clear();
    Table.Builder curvatures = scaling("curvatureScaling");
    for (double each : options.curvatures()) {
      Point point = point(curvatures, each, eta, options.sigma(), 0, random.split());
      points.add(new Point(point.predicted(), point.mean(), point.predicted()));
    }
    tables.add(curvatures.build());
    slope("curvature", "slope of measured on predicted mean over the curvatures", points, 1);
    points.clear();
    Table.Builder stepSizes = scaling("stepSizeScaling");
    for (double each : options.stepSizes()) {
      Point point = point(stepSizes, a, each, options.sigma(), 0, random.split());
      points.add(new Point(point.predicted(), point.mean(), point.predicted()));
    }
    tables.add(stepSizes.build());
    slope("stepSize", "slope of measured on predicted mean over the step sizes", points, 1);
    tables.add(starts(a, eta));
    return new Measurement(scalars, new Comparisons(comparisons), tables, Map.of());
  }

  private static Table.Builder scaling(String name) {
    return new Table.Builder(
        name,
        "curvature",
        "stepSize",
        "sigma",
        "censored",
        "mean",
        "meanError",
        "meanLow",
        "meanHigh",
        "median",
        "medianLow",
        "medianHigh",
        "predictedMean");
  }

  private Point point(
      Table.Builder table, double a, double eta, double sigma, double x, SplittableRandom random) {
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
    double half = mean.converged() ? mean.halfWidth(options.confidence()) : Double.NaN;
    table.row(
        a,
        eta,
        sigma,
        (double) escape.censored() / escape.runs(),
        mean.value(),
        mean.converged() ? mean.standardError() : Double.NaN,
        mean.value() - half,
        mean.value() + half,
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
        "slope of gradient descent's escape time in ln(1/|u₀|)",
        slope,
        1 / Math.log1p(eta * a));
    comparisons.add(
        Comparison.ofExceptions(
            "gradient descent leaves after ln(r/|u₀|)/ln(1 + ηa) steps",
            others,
            STARTS,
            "starts took another number of steps"));
    return starts.build();
  }
}
