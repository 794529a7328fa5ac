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
          "A saddle without a negative eigenvalue is not strict, and nothing exponential "
              + "drives away from it: the time to leave grows as a power of the distance, "
              + "1/(3ηu_0), not as its logarithm.",
          MonkeyEscapeOptions.DEFAULTS,
          MonkeyEscape::measure,
          List.of());

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
            "strictSteps");
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
      table.row(
          start,
          steps == EscapeTimes.NEVER ? Double.NaN : steps,
          least,
          most,
          Double.isFinite(median.value()) ? median.value() : Double.NaN,
          Double.isFinite(median.low()) ? median.low() : Double.NaN,
          Double.isFinite(median.high()) ? median.high() : Double.NaN,
          (double) times.censored() / times.runs(),
          Math.exp(strict[i]));
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
            "slope of ln K in ln(1/u_0) down a valley", scalars.getOrDefault("valleySlope", none)));
    comparisons.add(
        compare(
            "slope of ln K's median in ln(1/u_0) over directions",
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
