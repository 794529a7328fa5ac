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
 * Gradient descent about {@link MonkeySaddle}, which is not strict. Down a valley, u_{k+1} = u_k +
 * 3η u_k² with u = −x; each step lowers 1/u by 3η/(1 + 3ηu), so that a run from u_0 that first is
 * beyond r at u_K took K steps with
 *
 * <pre>
 *   (1/u_0 − 1/u_K) / 3η ≤ K ≤ (1/u_0 − 1/u_K) / 3η + ln(u_K/u_0)
 * </pre>
 *
 * ~ 1/(3η u_0): a power of the distance, where a strict saddle takes its logarithm. Up a ridge, it
 * comes to the saddle and never leaves.
 */
public final class MonkeyEscape {
  /** The study. */
  public static final StudyKind<MonkeyEscapeOptions> KIND =
      new StudyKind<>(
          "monkey-escape",
          1,
          "A saddle whose Hessian has no negative eigenvalue is not strict (Anandkumar and Ge "
              + "2016). The monkey saddle x³ − 3xy² is flat to second order: three valleys, "
              + "three ridges, and nothing exponential drives away from it. Down a valley from "
              + "distance u₀, gradient descent takes about 1/(3ηu₀) steps, a power of the "
              + "distance, where a strict saddle takes only its logarithm.",
          MonkeyEscapeOptions.DEFAULTS,
          MonkeyEscape::measure,
          List.of(
              new Figure(
                  "A power, not a logarithm",
                  "Steps to leave by the distance of the start, both axes logarithmic. Straight "
                      + "down a valley the time is caught between two bounds that are almost one "
                      + "line, of slope −1. The same starts beside a strict saddle would be out "
                      + "after fewer than a hundred steps.",
                  "monkey",
                  new Axis("start", "distance of the start u₀", true),
                  new Axis("", "steps to leave", true),
                  List.of(
                      new Trace("down a valley", Style.MEASURED, "valleySteps"),
                      new Trace("theory of a strict saddle", Style.PREDICTED, "strictSteps"),
                      new Trace("at least", Style.BOUND, "valleyLeast"),
                      new Trace("at most", Style.BOUND, "valleyMost")),
                  null),
              new Figure(
                  "From any direction",
                  "Median over random directions, with its interval. Most starts first slide along "
                      + "a ridge, which takes longer, but by the same factor at every distance: "
                      + "the line has the predicted slope −1, and only its height is taken from "
                      + "the points.",
                  "monkey",
                  new Axis("start", "distance of the start u₀", true),
                  new Axis("", "median steps to leave", true),
                  List.of(
                      new Trace("measured", Style.MEASURED, "median", "medianLow", "medianHigh"),
                      new Trace("theory: slope −1", Style.PREDICTED, "medianPredicted")),
                  null)));

  private static final double RESOLUTION = 0.1;

  /** Relative error that the steps' rounding adds up to at most. */
  private static final double ROUNDING = 1e-9;

  private final MonkeyEscapeOptions options;
  private final Function saddle = new MonkeySaddle();

  private MonkeyEscape(MonkeyEscapeOptions options) {
    this.options = options;
  }

  /**
   * Runs and compares: {@code valleySlope} of ln K in ln(1/u_0) down a valley, {@code medianSlope}
   * of the median over random directions, both predicted to be 1; {@code strictSlope}, that of a
   * strict saddle of curvature 1 over the same starts, which no power describes. The details are
   * {@link Comparisons}.
   *
   * @param random decides the directions
   */
  public static Measurement measure(MonkeyEscapeOptions options, SplittableRandom random) {
    return new MonkeyEscape(options).measure(random);
  }

  private Measurement measure(SplittableRandom random) {
    int count = options.starts().size();
    double[] x = new double[count];
    double[] valley = new double[count];
    double[] medians = new double[count];
    double[] errors = new double[count];
    double[] strict = new double[count];
    boolean finite = true;
    int arrived = 0;
    int outside = 0;
    int left = 0;
    Table.Builder table =
        new Table.Builder(
            "monkey",
            "start",
            "valleySteps",
            "valleyLeast",
            "valleyMost",
            "median",
            "medianLow",
            "medianHigh",
            "censored",
            "strictSteps",
            "medianPredicted");
    List<double[]> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double start = options.starts().get(i);
      double[] at = {-start, 0};
      int steps = escape(at);
      double least = (1 / start + 1 / at[0]) / (3 * options.stepSize());
      double most = least + Math.log(-at[0] / start);
      if (steps == EscapeTimes.NEVER) {
        finite = false;
      } else {
        arrived++;
        if (!(steps >= least * (1 - ROUNDING) && steps <= most * (1 + ROUNDING))) {
          outside++;
        }
      }
      if (escape(new double[] {start, 0}) != EscapeTimes.NEVER) {
        left++;
      }
      EscapeTimes times = anywhere(start, random.split());
      Quantile median = times.quantile(0.5, options.confidence());
      finite &= Double.isFinite(median.high());
      x[i] = Math.log(1 / start);
      valley[i] = Math.log(steps);
      medians[i] = Math.log(median.value());
      errors[i] = median.uncertain(options.confidence()).standardError() / median.value();
      strict[i] =
          Math.log(
              LinearEscape.deterministicSteps(1 + options.stepSize(), start, options.radius()));
      rows.add(
          new double[] {
            start,
            steps == EscapeTimes.NEVER ? Double.NaN : steps,
            least,
            most,
            Double.isFinite(median.value()) ? median.value() : Double.NaN,
            Double.isFinite(median.low()) ? median.low() : Double.NaN,
            Double.isFinite(median.high()) ? median.high() : Double.NaN,
            (double) times.censored() / times.runs(),
            Math.round(Math.exp(strict[i])),
            0
          });
    }
    double height = 0;
    for (int i = 0; i < count; i++) {
      height += (medians[i] - x[i]) / count;
    }
    for (int i = 0; i < count; i++) {
      double[] row = rows.get(i);
      row[row.length - 1] = Double.isFinite(height) ? Math.exp(height + x[i]) : Double.NaN;
      table.row(row);
    }
    SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
    List<Comparison> comparisons = new ArrayList<>();
    comparisons.add(
        Comparison.ofExceptions(
            "steps down a valley are between their bounds",
            outside,
            arrived,
            "starts are outside"));
    comparisons.add(
        Comparison.ofExceptions(
            "gradient descent up a ridge never leaves",
            left,
            count,
            "starts left within " + options.stepLimit() + " steps"));
    if (finite) {
      scalars.put("valleySlope", LineFit.leastSquares(x, valley).slope());
      scalars.put("medianSlope", LineFit.weighted(x, medians, errors).slope());
      scalars.put("strictSlope", LineFit.leastSquares(x, strict).slope());
    }
    scalars.put("slopePredicted", Uncertain.exact(1));
    Uncertain none = Uncertain.of(Double.NaN, List.of(), false);
    comparisons.add(
        compare(
            "log–log slope of the steps in 1/u₀, down a valley",
            scalars.getOrDefault("valleySlope", none)));
    comparisons.add(
        compare(
            "log–log slope of the median steps in 1/u₀, all directions",
            scalars.getOrDefault("medianSlope", none)));
    return new Measurement(scalars, new Comparisons(comparisons), List.of(table.build()), Map.of());
  }

  /** 1/r beside 1/u_0, and ln(u_K/u_0), take a share of K of about u_0/r, the largest at most. */
  private Comparison compare(String quantity, Uncertain slope) {
    double tolerance = 2 * options.starts().getLast() / options.radius();
    return Comparison.of(quantity, slope, 1, tolerance, RESOLUTION, options.confidence());
  }

  private EscapeTimes anywhere(double start, SplittableRandom random) {
    int[] times = new int[options.runs()];
    for (int run = 0; run < times.length; run++) {
      double angle = 2 * Math.PI * random.nextDouble();
      times[run] = escape(new double[] {start * Math.cos(angle), start * Math.sin(angle)});
    }
    return new EscapeTimes(times);
  }

  private int escape(double[] x) {
    return EscapeTimes.run(
        GradientDescent.exact(saddle, options.stepSize()),
        x,
        at -> Math.hypot(at[0], at[1]) > options.radius(),
        options.stepLimit());
  }
}
