package org.basin.theory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Source;
import org.basin.measurement.Comparison;
import org.basin.measurement.Comparisons;
import org.basin.measurement.Figure;
import org.basin.measurement.Figure.Axis;
import org.basin.measurement.Figure.Style;
import org.basin.measurement.Figure.Trace;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.theory.EscapeTimes.Quantile;
import org.basin.theory.PerturbedGradientDescent.Constants;

/**
 * A chain of saddles from a random start: gradient descent takes a time that multiplies at every
 * saddle, perturbed gradient descent one that adds (Du et al. 2017, theorems 4.1 and 4.3).
 *
 * <p>Until saddle k is left at T_k, coordinate k + 1 shrinks by 1 − 2ηL a step, and then has to
 * grow back by 1 + 2ηγ a step, so that T_{k+1} = (1 + κ) T_k + noise with κ = −ln(1 − 2ηL) / ln(1 +
 * 2ηγ); the noise, of the start and of the steps in between, does not depend on T_k. Double
 * precision sets an end to it: a run whose next coordinate has shrunk to below the normal numbers
 * is censored from there on.
 */
public final class ChainEscape {
  /** The study. */
  public static final StudyKind<ChainEscapeOptions> KIND =
      new StudyKind<>(
          "chain-escape",
          1,
          "One saddle costs gradient descent little, a chain of them everything. While it leaves "
              + "one saddle it is drawn towards the next, exponentially, and then has to come all "
              + "the way back: the time multiplies from saddle to saddle. With random "
              + "perturbations it only adds up (Du et al. 2017, theorems 4.1 and 4.3).",
          ChainEscapeOptions.DEFAULTS,
          ChainEscape::measure,
          List.of(
              new Figure(
                  "Exponential against linear",
                  "Median time after which the first k saddles of a chain are left, on a "
                      + "logarithmic axis. Gradient descent follows a straight line, which is "
                      + "exponential: at equal rates of attraction and repulsion each saddle "
                      + "about doubles the time. The line multiplies the third saddle's time "
                      + "and leaves out a constant that each saddle adds, so points may rise "
                      + "above it at first; the table compares the factor itself. Points end "
                      + "where the computer's numbers or the allowed steps do, not the theory.",
                  "chain",
                  new Axis("saddles", "saddles left k", false),
                  new Axis("", "median steps", true),
                  List.of(
                      new Trace(
                          "gradient descent",
                          Style.MEASURED,
                          "descentMedian",
                          "descentLow",
                          "descentHigh"),
                      new Trace(
                          "perturbed gradient descent",
                          Style.MEASURED,
                          "perturbedMedian",
                          "perturbedLow",
                          "perturbedHigh"),
                      new Trace("theory: the time multiplies", Style.PREDICTED, "descentPredicted"),
                      new Trace("theory: the time adds up", Style.PREDICTED, "perturbedPredicted")),
                  null),
              new Figure(
                  "With perturbations: one saddle like another",
                  "The same times on a linear axis. The line goes on from the quarter of the chain "
                      + "before the last with one and the same time a saddle; the last quarter "
                      + "should follow it.",
                  "chain",
                  new Axis("saddles", "saddles left k", false),
                  new Axis("", "median steps", false),
                  List.of(
                      new Trace(
                          "perturbed gradient descent",
                          Style.MEASURED,
                          "perturbedMedian",
                          "perturbedLow",
                          "perturbedHigh"),
                      new Trace("theory: the time adds up", Style.PREDICTED, "perturbedPredicted")),
                  null)));

  /** Half-intervals wider than this share of what is predicted say nothing. */
  private static final double RESOLUTION = 0.1;

  /** One saddle takes longer than the next by turns, as perturbations wait for their time. */
  private static final double GROWTH_TOLERANCE = 0.05;

  private final ChainEscapeOptions options;
  private final SaddleChain chain;
  private final Constants constants;

  private ChainEscape(ChainEscapeOptions options) {
    this.options = options;
    this.chain = new SaddleChain(options.saddles(), options.attraction(), options.repulsion());
    double bend = chain.hessianSmoothnessOnTheWay();
    // The largest ε under which saddles of curvature −2γ are to be left, √(ρε) = 2γ.
    double epsilon = 4 * options.repulsion() * options.repulsion() / bend;
    this.constants =
        Constants.of(
            options.saddles(),
            chain.smoothnessOnTheWay(),
            bend,
            epsilon,
            options.constant(),
            options.delta(),
            -chain.infimum());
  }

  /**
   * Runs and compares: {@code descentRatio}, by which gradient descent's time multiplies from
   * saddle to saddle, with {@code descentRatioPredicted}; {@code perturbedGrowth}, its time for the
   * last quarter of the chain over that for the quarter before, 1 where time is linear in the
   * number of saddles; the shares of runs that came to the end of the chain. The details are {@link
   * Comparisons}.
   *
   * @param random decides starts and perturbations
   */
  public static Measurement measure(ChainEscapeOptions options, SplittableRandom random) {
    return new ChainEscape(options).measure(random);
  }

  private Measurement measure(SplittableRandom random) {
    int runs = options.runs();
    int[][] descent = new int[runs][];
    int[][] perturbed = new int[runs][];
    for (int run = 0; run < runs; run++) {
      SplittableRandom own = random.split();
      double[] start = own.doubles(options.saddles(), -1, 1).toArray();
      descent[run] = leave(GradientDescent.exact(chain, constants.stepSize()), start.clone());
      perturbed[run] = leave(new PerturbedGradientDescent(chain, constants, own), start.clone());
    }
    SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
    List<Comparison> comparisons = new ArrayList<>();
    double ratio = 1 + shrinking() / growing();
    Uncertain measured = ratio(descent);
    if (measured.converged()) {
      scalars.put("descentRatio", measured);
    }
    scalars.put("descentRatioPredicted", Uncertain.exact(ratio));
    comparisons.add(
        Comparison.of(
            "factor by which gradient descent's time grows from saddle to saddle",
            measured,
            ratio,
            0,
            RESOLUTION * ratio,
            options.confidence()));
    Uncertain growth = growth(perturbed);
    if (growth.converged()) {
      scalars.put("perturbedGrowth", growth);
    }
    scalars.put("perturbedGrowthPredicted", Uncertain.exact(1));
    comparisons.add(
        Comparison.of(
            "perturbed gradient descent's time for the last quarter over the quarter before",
            growth,
            1,
            GROWTH_TOLERANCE,
            RESOLUTION,
            options.confidence()));
    scalars.put("descentArrived", Uncertain.exact(arrived(descent)));
    scalars.put("perturbedArrived", Uncertain.exact(arrived(perturbed)));
    return new Measurement(
        scalars, new Comparisons(comparisons), List.of(table(descent, perturbed, ratio)), Map.of());
  }

  /** −ln(1 − 2ηL). */
  private double shrinking() {
    return -Math.log1p(-2 * constants.stepSize() * options.attraction());
  }

  /** ln(1 + 2ηγ). */
  private double growing() {
    return Math.log1p(2 * constants.stepSize() * options.repulsion());
  }

  /** Steps after which |x_k| first was beyond 2τ, for each k. */
  private int[] leave(StepRule rule, double[] x) {
    int[] times = new int[options.saddles()];
    Arrays.fill(times, EscapeTimes.NEVER);
    int left = 0;
    for (int step = 1; step <= options.stepLimit(); step++) {
      boolean goesOn = rule.step(x);
      while (left < times.length && Math.abs(x[left]) > 2 * SaddleChain.TAU) {
        times[left++] = step;
      }
      if (!goesOn || left == times.length || Math.abs(x[left]) < Double.MIN_NORMAL) {
        break;
      }
    }
    return times;
  }

  /**
   * Slope of T_{k+1} in T_k over all runs, from the second saddle on and as far as every run came,
   * so that censoring chooses none.
   */
  private Uncertain ratio(int[][] times) {
    List<double[]> pairs = new ArrayList<>();
    for (int k = 1; k + 1 < options.saddles() && times(times, k + 1).censored() == 0; k++) {
      for (int[] run : times) {
        pairs.add(new double[] {run[k], run[k + 1]});
      }
    }
    if (pairs.size() < 10) {
      return Uncertain.of(Double.NaN, List.of(), false);
    }
    return LineFit.leastSquares(
            pairs.stream().mapToDouble(pair -> pair[0]).toArray(),
            pairs.stream().mapToDouble(pair -> pair[1]).toArray())
        .slope();
  }

  /**
   * Mean over the runs of the time for the last quarter of the chain over that for the quarter
   * before; not converged where the half-way is reached before perturbations set the pace.
   */
  private Uncertain growth(int[][] times) {
    int last = options.saddles() - 1;
    int quarter = options.saddles() / 4;
    double half = times(times, last - 2 * quarter).quantile(0.5, options.confidence()).value();
    if (arrived(times) < 1 || half < 2 * constants.waiting()) {
      return Uncertain.of(Double.NaN, List.of(), false);
    }
    return Uncertain.mean(
        Arrays.stream(times)
            .mapToDouble(
                run ->
                    (double) (run[last] - run[last - quarter])
                        / (run[last - quarter] - run[last - 2 * quarter]))
            .toArray(),
        Source.SEEDS);
  }

  private static double arrived(int[][] times) {
    return Arrays.stream(times).filter(run -> run[run.length - 1] != EscapeTimes.NEVER).count()
        / (double) times.length;
  }

  private Table table(int[][] descent, int[][] perturbed, double ratio) {
    Table.Builder table =
        new Table.Builder(
            "chain",
            "saddles",
            "descentMedian",
            "descentLow",
            "descentHigh",
            "descentCensored",
            "descentPredicted",
            "perturbedMedian",
            "perturbedLow",
            "perturbedHigh",
            "perturbedCensored",
            "perturbedPredicted");
    double predicted = Double.NaN;
    int quarter = options.saddles() / 4;
    int until = options.saddles() - 1 - quarter;
    double settled = median(perturbed, until);
    double pace = (settled - median(perturbed, until - quarter)) / quarter;
    for (int k = 0; k < options.saddles(); k++) {
      EscapeTimes slow = times(descent, k);
      EscapeTimes fast = times(perturbed, k);
      Quantile first = slow.quantile(0.5, options.confidence());
      Quantile second = fast.quantile(0.5, options.confidence());
      // The law tells ratios; the third saddle sets the scale.
      predicted = k <= 2 ? first.value() : predicted * ratio;
      table.row(
          k + 1,
          finite(first.value()),
          finite(first.low()),
          finite(first.high()),
          (double) slow.censored() / slow.runs(),
          finite(predicted),
          finite(second.value()),
          finite(second.low()),
          finite(second.high()),
          (double) fast.censored() / fast.runs(),
          k < until - quarter ? Double.NaN : finite(settled + (k - until) * pace));
    }
    return table.build();
  }

  private double median(int[][] times, int k) {
    return times(times, k).quantile(0.5, options.confidence()).value();
  }

  private static EscapeTimes times(int[][] times, int k) {
    return new EscapeTimes(Arrays.stream(times).mapToInt(run -> run[k]).toArray());
  }

  private static double finite(double value) {
    return Double.isFinite(value) ? value : Double.NaN;
  }
}
