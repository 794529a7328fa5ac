package org.basin.theory;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
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

/**
 * Leaving the saddle at the origin of a matrix factorisation and of a two-layer linear network,
 * both with modes s_i = 1/i. Near it, gradient descent is linear: of the pair (u, v) that mode i
 * joins, u + v grows by 1 + ηs_i a step and u − v shrinks by 1 − ηs_i, so that the time out of a
 * small ball is known for every start. At the origin itself mini-batches make no noise ({@link
 * LinearNetwork}), and stochastic gradient descent on them never leaves; noise that is there does.
 */
public final class OriginEscape {
  /** The study. */
  public static final StudyKind<OriginEscapeOptions> KIND =
      new StudyKind<>(
          "origin-escape",
          1,
          "With all weights zero, a two-layer linear network and a matrix factorisation stand on "
              + "a strict saddle (Baldi and Hornik 1989; Kawaguchi 2016). From a small random "
              + "start each mode grows by 1 + ηsᵢ a step, sᵢ its singular value, so the time to "
              + "leave is known (Saxe et al. 2014). On the origin itself every example's "
              + "gradient is zero: mini-batches make no noise there, and stochastic gradient "
              + "descent that starts on it never leaves.",
          OriginEscapeOptions.DEFAULTS,
          OriginEscape::measure,
          List.of(
              EscapeTimes.figure(
                  "Matrix factorisation",
                  "factorization",
                  "Runs from small random starts. The line is the share of these same starts that "
                      + "are out if the gradient is taken to be linear; the points follow the "
                      + "gradient as it is."),
              EscapeTimes.figure(
                  "Two-layer linear network",
                  "network",
                  "The same for a network. Both have the same singular values, and so both take "
                      + "the same time, although their parameters mean different things."),
              new Figure(
                  "From the origin itself",
                  "All weights exactly zero at the start. Without noise and with the noise of "
                      + "mini-batches nothing ever moves. Noise that does not vanish, the same "
                      + "in every direction, gives every mode a first displacement, which from "
                      + "there grows as it did above.",
                  "fromOrigin",
                  new Axis("steps", "steps", false),
                  new Axis("", "share of the runs that have left", false),
                  List.of(
                      new Trace("mini-batches", Style.MEASURED, "miniBatchEscaped"),
                      new Trace("gradient descent", Style.MEASURED, "descentEscaped"),
                      new Trace(
                          "noise in every direction",
                          Style.MEASURED,
                          "isotropicEscaped",
                          "isotropicLow",
                          "isotropicHigh"),
                      new Trace(
                          "theory: no noise, no escape", Style.PREDICTED, "predictedEscaped")),
                  null)));

  /** What the cubic part of the gradient, of relative size r², may add in the last steps. */
  private static final double TOLERANCE = 0.5;

  private static final double RESOLUTION = 0.5;

  private static final int MOST_ROWS = 200;

  private final OriginEscapeOptions options;
  private final double[] modes;
  private final SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
  private final List<Comparison> comparisons = new ArrayList<>();
  private final Table.Builder table =
      new Table.Builder(
          "origin", "network", "probability", "steps", "low", "high", "predictedSteps");

  private final List<Table> tables = new ArrayList<>();

  private OriginEscape(OriginEscapeOptions options) {
    this.options = options;
    this.modes = IntStream.rangeClosed(1, options.modes()).mapToDouble(i -> 1.0 / i).toArray();
  }

  /**
   * Runs and compares: {@code factorizationExcess} and {@code networkExcess}, the mean number of
   * steps that leaving took beyond the linear law's, predicted to be 0, with the medians of both;
   * {@code isotropicMedianSteps} from the network's origin under noise. In the table, {@code
   * network} is 0 for the factorisation and 1 for the network. The details are {@link Comparisons}.
   *
   * @param random decides starts and noise
   */
  public static Measurement measure(OriginEscapeOptions options, SplittableRandom random) {
    return new OriginEscape(options).measure(random);
  }

  private Measurement measure(SplittableRandom random) {
    int size = options.modes();
    int hidden = options.hidden();
    MatrixFactorization factorization = new MatrixFactorization(size, size, hidden, modes);
    double[] moments = IntStream.range(0, size).mapToDouble(i -> 1 + 0.5 * i).toArray();
    double[] gains = IntStream.range(0, size).mapToDouble(i -> modes[i] / moments[i]).toArray();
    LinearNetwork network = new LinearNetwork(moments, gains, hidden);
    compare("factorization", factorization, 0, random.split());
    compare("network", network, 1, random.split());
    EscapeTimes descent =
        never("gradient descent", network, GradientNoise.none(network), random.split());
    EscapeTimes miniBatch =
        never(
            "mini-batch stochastic gradient descent",
            network,
            GradientNoise.miniBatch(network, 1),
            random.split());
    EscapeTimes isotropic =
        fromOrigin(network, GradientNoise.isotropic(network, options.sigma()), random.split());
    Quantile median = isotropic.quantile(0.5, options.confidence());
    tables.addFirst(table.build());
    tables.add(fromOrigin(descent, miniBatch, isotropic));
    if (Double.isFinite(median.value())) {
      scalars.put("isotropicMedianSteps", median.uncertain(options.confidence()));
    }
    return new Measurement(scalars, new Comparisons(comparisons), tables, Map.of());
  }

  private void compare(String name, Function function, int code, SplittableRandom random) {
    int runs = options.runs();
    int[] times = new int[runs];
    int[] predictions = new int[runs];
    for (int run = 0; run < runs; run++) {
      double[] x = new double[function.dimension()];
      for (int i = 0; i < x.length; i++) {
        x[i] = options.spread() * random.nextGaussian();
      }
      predictions[run] = linear(function instanceof LinearNetwork, x);
      times[run] = escape(GradientDescent.exact(function, options.stepSize()), x);
    }
    EscapeTimes measured = new EscapeTimes(times);
    EscapeTimes predicted = new EscapeTimes(predictions);
    double confidence = options.confidence();
    Uncertain excess = Uncertain.of(Double.NaN, List.of(), false);
    if (measured.censored() == 0 && predicted.censored() == 0) {
      excess =
          Uncertain.mean(
              IntStream.range(0, runs)
                  .mapToDouble(run -> (double) times[run] - predictions[run])
                  .toArray(),
              Source.SEEDS);
      scalars.put(name + "Excess", excess);
      scalars.put(name + "MedianSteps", measured.quantile(0.5, confidence).uncertain(confidence));
      scalars.put(
          name + "MedianStepsPredicted",
          Uncertain.exact(predicted.quantile(0.5, confidence).value()));
    }
    comparisons.add(
        Comparison.of(
            "steps to leave the origin, less those of the linear law, "
                + (code == 0 ? "matrix factorisation" : "two-layer network"),
            excess,
            0,
            TOLERANCE,
            RESOLUTION,
            confidence));
    for (double probability : new double[] {0.1, 0.25, 0.5, 0.75, 0.9}) {
      Quantile quantile = measured.quantile(probability, confidence);
      table.row(
          code,
          probability,
          finite(quantile.value()),
          finite(quantile.low()),
          finite(quantile.high()),
          finite(predicted.quantile(probability, confidence).value()));
    }
    tables.add(distribution(name, measured, predicted));
  }

  private Table distribution(String name, EscapeTimes measured, EscapeTimes predicted) {
    Table.Builder distribution =
        new Table.Builder(
            name + "Distribution", "steps", "escaped", "low", "high", "predictedEscaped");
    double band = measured.band(options.confidence());
    int last = last(measured);
    for (int step = 0; step <= last; step += last / MOST_ROWS + 1) {
      double share = measured.share(step);
      distribution.row(
          step, share, Math.max(0, share - band), Math.min(1, share + band), predicted.share(step));
    }
    return distribution.build();
  }

  private Table fromOrigin(EscapeTimes descent, EscapeTimes miniBatch, EscapeTimes isotropic) {
    Table.Builder shares =
        new Table.Builder(
            "fromOrigin",
            "steps",
            "descentEscaped",
            "miniBatchEscaped",
            "isotropicEscaped",
            "isotropicLow",
            "isotropicHigh",
            "predictedEscaped");
    double band = isotropic.band(options.confidence());
    int last = last(isotropic);
    for (int step = 0; step <= last; step += last / MOST_ROWS + 1) {
      double share = isotropic.share(step);
      shares.row(
          step,
          descent.share(step),
          miniBatch.share(step),
          share,
          Math.max(0, share - band),
          Math.min(1, share + band),
          0);
    }
    return shares.build();
  }

  /** When nearly all runs are out, or the limit. */
  private int last(EscapeTimes times) {
    return (int) Math.min(options.stepLimit(), times.quantile(0.999, 0.5).value());
  }

  private static double finite(double value) {
    return Double.isFinite(value) ? value : Double.NaN;
  }

  /**
   * First step at which Σ_i ½ [(1 + ηs_i)^{2k} ‖u_i + v_i‖² + (1 − ηs_i)^{2k} ‖u_i − v_i‖²] > r².
   *
   * @param layers whether u_i is a column of W₁, not a row of U
   */
  private int linear(boolean layers, double[] x) {
    int size = options.modes();
    int hidden = options.hidden();
    double[] growing = new double[size];
    double[] shrinking = new double[size];
    for (int i = 0; i < size; i++) {
      for (int h = 0; h < hidden; h++) {
        double u = x[layers ? h * size + i : i * hidden + h];
        double v = x[size * hidden + i * hidden + h];
        growing[i] += (u + v) * (u + v) / 2;
        shrinking[i] += (u - v) * (u - v) / 2;
      }
    }
    double radius = options.radius();
    for (int step = 0; step <= options.stepLimit(); step++) {
      double square = 0;
      for (int i = 0; i < size; i++) {
        double change = options.stepSize() * modes[i];
        square +=
            Math.pow(1 + change, 2 * step) * growing[i]
                + Math.pow(1 - change, 2 * step) * shrinking[i];
      }
      if (square > radius * radius) {
        return step;
      }
    }
    return EscapeTimes.NEVER;
  }

  private EscapeTimes never(
      String name, Function function, GradientNoise noise, SplittableRandom random) {
    EscapeTimes times = fromOrigin(function, noise, random);
    comparisons.add(
        Comparison.ofExceptions(
            name + " never leaves the origin of the network",
            times.runs() - times.censored(),
            times.runs(),
            "runs left within " + options.stepLimit() + " steps"));
    return times;
  }

  private EscapeTimes fromOrigin(Function function, GradientNoise noise, SplittableRandom random) {
    int[] times = new int[options.runs()];
    for (int run = 0; run < times.length; run++) {
      times[run] =
          escape(
              new GradientDescent(function.dimension(), noise, options.stepSize(), random.split()),
              new double[function.dimension()]);
    }
    return new EscapeTimes(times);
  }

  private int escape(StepRule rule, double[] x) {
    double square = options.radius() * options.radius();
    return EscapeTimes.run(
        rule,
        x,
        at -> {
          double sum = 0;
          for (double each : at) {
            sum += each * each;
          }
          return sum > square;
        },
        options.stepLimit());
  }
}
