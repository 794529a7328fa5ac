package org.basin.theory;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Contribution;
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
import org.hipparchus.distribution.continuous.BetaDistribution;
import org.hipparchus.distribution.continuous.ChiSquaredDistribution;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.hipparchus.special.Erf;

/**
 * How long optimisers take to leave the saddle ½ a (x_1² + … + x_{d−1}² − x_d²), against what is
 * known of it, with g = 1 + ηa:
 *
 * <ul>
 *   <li>gradient descent from the saddle, or from its stable manifold x_d = 0: never;
 *   <li>from a random start u_0: after ln(r/|u_0|) / ln g steps, rounded up;
 *   <li>with gradient noise, from the saddle: E[u²] ← g² E[u²] + η²σ², and, for Gaussian noise, the
 *       first passage of {@link LinearEscape};
 *   <li>perturbed gradient descent, from the saddle: as from a random start in its ball, where
 *       (u_0/r)² ~ Beta(½, (d + 1)/2).
 * </ul>
 */
public final class SaddleEscape {
  /** The study. */
  public static final StudyKind<SaddleEscapeOptions> KIND =
      new StudyKind<>(
          "saddle-escape",
          1,
          "A saddle is strict when its Hessian has a negative eigenvalue −a. Gradient descent "
              + "that starts on one, or on a ridge that leads into it, stays for ever; from "
              + "almost every other start it leaves (Lee et al. 2016). The slightest noise is "
              + "enough to leave, stochastic (Ge et al. 2015) or added on purpose (Jin et al. "
              + "2017), since any displacement u along the way out grows by 1 + ηa in each step "
              + "of size η. On a quadratic saddle this is exact, and so the whole distribution "
              + "of the time to leave is known.",
          SaddleEscapeOptions.DEFAULTS,
          SaddleEscape::measure,
          List.of(
              EscapeTimes.figure(
                  "Gradient descent from a random start",
                  "descent",
                  "Nothing is random here but the start u₀: the displacement grows by 1 + ηa a "
                      + "step, so a run is beyond radius r after ln(r/|u₀|) / ln(1 + ηa) steps. "
                      + "Starts close to the ridge make the long tail on the right."),
              EscapeTimes.figure(
                  "Stochastic gradient descent from the saddle itself",
                  "isotropic",
                  "The gradient at the saddle is zero, so the noise alone sets off: Gaussian, the "
                      + "same in every direction. The line is the first passage of uₖ₊₁ = (1 + "
                      + "ηa) uₖ + ησ·N(0, 1) beyond r, computed, not fitted."),
              EscapeTimes.figure(
                  "Mini-batches make the noise",
                  "miniBatch",
                  "The same saddle as a mean of many terms, of which every step sees a few. The "
                      + "noise of so few is not Gaussian, but many steps add up to what nearly "
                      + "is, and the law of Gaussian noise holds."),
              EscapeTimes.figure(
                  "Perturbed gradient descent",
                  "perturbed",
                  "Gradient descent that waits until the gradient is small and then jumps once to "
                      + "a random point of a small ball (Jin et al. 2017). After the jump it is "
                      + "plain gradient descent, so the law of the jump gives the law of the "
                      + "time."),
              growth(
                  "How noise grows: Gaussian noise",
                  "isotropic",
                  "Mean square of the displacement over all runs, on a logarithmic axis. Theory: "
                      + "E[u²] ← (1 + ηa)² E[u²] + η²σ². A straight line is exponential growth, "
                      + "and it starts at once."),
              growth(
                  "How noise grows: mini-batches",
                  "miniBatch",
                  "Variances add whatever the shape of the noise, so the same recursion must hold "
                      + "for mini-batches to the letter.")));

  /** What makes runs leave, by its name in scalars and tables. */
  private static final Map<String, String> WORDS =
      Map.of(
          "descent", "random start",
          "isotropic", "Gaussian noise",
          "miniBatch", "mini-batches",
          "perturbed", "perturbations");

  private static final int TILT_PAIRS = 50;
  private static final double[] PROBABILITIES = {0.1, 0.25, 0.5, 0.75, 0.9};
  private static final int MOST_ROWS = 200;

  /** Half-intervals about a ratio of mean squares that are wider say nothing. */
  private static final double RATIO_RESOLUTION = 0.2;

  private final SaddleEscapeOptions options;
  private final Function saddle;
  private final double growth;
  private final int out;
  private final SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
  private final List<Comparison> comparisons = new ArrayList<>();
  private final List<Table> tables = new ArrayList<>();

  /** A measured distribution function in its band, and its law. */
  private static Figure growth(String title, String name, String text) {
    return new Figure(
        title,
        text,
        name + "MeanSquare",
        new Axis("step", "step", false),
        new Axis("", "mean of u²", true),
        List.of(
            new Trace("measured", Style.MEASURED, "meanSquare", "low", "high"),
            new Trace("theory", Style.PREDICTED, "predicted")),
        null);
  }

  private SaddleEscape(SaddleEscapeOptions options) {
    this.options = options;
    this.saddle = QuadraticForm.saddle(options.dimension(), options.curvature());
    this.growth = 1 + options.stepSize() * options.curvature();
    this.out = options.dimension() - 1;
  }

  /** Makes the optimiser of one run. */
  private interface Optimizer {
    StepRule start(SplittableRandom random);
  }

  /** Makes the start of one run. */
  private interface Start {
    double[] draw(SplittableRandom random);
  }

  /**
   * Runs and compares. For each way of leaving, {@code …MedianSteps}, {@code …MedianStepsPredicted}
   * and {@code …Censored}, the share of runs that did not leave; the details are {@link
   * Comparisons}.
   *
   * @param random decides every start, noise and perturbation
   */
  public static Measurement measure(SaddleEscapeOptions options, SplittableRandom random) {
    return new SaddleEscape(options).measure(random);
  }

  private Measurement measure(SplittableRandom random) {
    Optimizer descent = each -> GradientDescent.exact(saddle, options.stepSize());
    LinearEscape law = new LinearEscape(growth, options.stepSize() * options.sigma(), 0);
    never("gradient descent from the saddle", descent, each -> origin(), random.split());
    never("gradient descent on the stable manifold", descent, this::onManifold, random.split());
    fromRandomStart(descent, random.split());

    GradientNoise isotropic = GradientNoise.isotropic(saddle, options.sigma());
    TiltedSum sum =
        TiltedSum.gaussian(
            saddle, TILT_PAIRS, options.sigma() * Math.sqrt(options.batchSize()), random.split());
    GradientNoise miniBatch = GradientNoise.miniBatch(sum, options.batchSize());
    double[] passage = law.firstPassage(options.radius(), options.stepLimit());
    IntToDoubleFunction marginal = step -> law.outside(step, options.radius());
    escape("isotropic", noisy(isotropic), passage, marginal, random.split());
    // The noise of a batch is not quite Gaussian; the sum of many batches' is.
    escape("miniBatch", noisy(miniBatch), passage, marginal, random.split());
    perturbed(random.split());

    double square = options.sigma() * options.sigma();
    double batch = options.batchSize();
    double fourth =
        sum.fourthMoment(out) / (batch * batch * batch) + 3 * (batch - 1) / batch * square * square;
    grow("isotropic", noisy(isotropic), law, 3 * square * square, random.split());
    grow("miniBatch", noisy(miniBatch), law, fourth, random.split());
    return new Measurement(scalars, new Comparisons(comparisons), tables, Map.of());
  }

  private Optimizer noisy(GradientNoise noise) {
    return each -> new GradientDescent(options.dimension(), noise, options.stepSize(), each);
  }

  private double[] origin() {
    return new double[options.dimension()];
  }

  private double[] anywhere(SplittableRandom random) {
    double[] x = origin();
    for (int i = 0; i < x.length; i++) {
      x[i] = options.spread() * random.nextGaussian();
    }
    return x;
  }

  private double[] onManifold(SplittableRandom random) {
    double[] x = anywhere(random);
    x[out] = 0;
    return x;
  }

  private EscapeTimes run(Optimizer optimizer, Start start, SplittableRandom random) {
    int[] times = new int[options.runs()];
    for (int run = 0; run < times.length; run++) {
      SplittableRandom own = random.split();
      times[run] = escapeTime(optimizer.start(own.split()), start.draw(own));
    }
    return new EscapeTimes(times);
  }

  private int escapeTime(StepRule rule, double[] x) {
    return EscapeTimes.run(
        rule, x, at -> Math.abs(at[out]) > options.radius(), options.stepLimit());
  }

  private void never(String name, Optimizer optimizer, Start start, SplittableRandom random) {
    EscapeTimes times = run(optimizer, start, random);
    comparisons.add(
        Comparison.ofExceptions(
            name + " never leaves",
            times.runs() - times.censored(),
            times.runs(),
            "runs left within " + options.stepLimit() + " steps"));
  }

  private void fromRandomStart(Optimizer optimizer, SplittableRandom random) {
    int[] times = new int[options.runs()];
    int others = 0;
    for (int run = 0; run < times.length; run++) {
      SplittableRandom own = random.split();
      double[] x = anywhere(own);
      int predicted = LinearEscape.deterministicSteps(growth, x[out], options.radius());
      times[run] = escapeTime(optimizer.start(own), x);
      if (times[run] != (predicted > options.stepLimit() ? EscapeTimes.NEVER : predicted)) {
        others++;
      }
    }
    comparisons.add(
        Comparison.ofExceptions(
            "gradient descent from a random start leaves after ln(r/|u₀|)/ln(1 + ηa) steps",
            others,
            times.length,
            "runs took another number of steps"));
    double scale = options.spread() * Math.sqrt(2);
    double[] law = new double[options.stepLimit() + 1];
    for (int step = 0; step < law.length; step++) {
      law[step] = Erf.erfc(options.radius() * Math.pow(growth, -step) / scale);
    }
    report("descent", new EscapeTimes(times), law, step -> law[step]);
  }

  private void escape(
      String name,
      Optimizer optimizer,
      double[] law,
      IntToDoubleFunction marginal,
      SplittableRandom random) {
    report(name, run(optimizer, each -> origin(), random), law, marginal);
  }

  private void perturbed(SplittableRandom random) {
    double a = options.curvature();
    double r = options.radius();
    // ρ is 0 here; a²/ε is the largest bound on it under which ε asks for leaving this saddle.
    Constants constants =
        Constants.of(
            options.dimension(),
            a,
            a * a / options.epsilon(),
            options.epsilon(),
            options.stepSize() * a,
            options.delta(),
            a * r * r / 2);
    BetaDistribution share = new BetaDistribution(0.5, (options.dimension() + 1) / 2.0);
    double[] law = new double[options.stepLimit() + 1];
    for (int step = 0; step < law.length; step++) {
      double needed = r * Math.pow(growth, -step) / constants.radius();
      law[step] = needed >= 1 ? 0 : 1 - share.cumulativeProbability(needed * needed);
    }
    EscapeTimes times =
        run(
            each -> new PerturbedGradientDescent(saddle, constants, each),
            each -> origin(),
            random);
    report("perturbed", times, law, step -> law[step]);
  }

  /**
   * Writes down what was measured beside the law.
   *
   * @param law P(T ≤ t), {@code [stepLimit + 1]}
   * @param marginal P(|u_t| > r)
   */
  private void report(String name, EscapeTimes times, double[] law, IntToDoubleFunction marginal) {
    double confidence = options.confidence();
    Quantile median = times.quantile(0.5, confidence);
    if (Double.isFinite(median.value())) {
      scalars.put(name + "MedianSteps", median.uncertain(confidence));
    }
    double predicted = quantile(law, 0.5);
    if (Double.isFinite(predicted)) {
      scalars.put(name + "MedianStepsPredicted", Uncertain.exact(predicted));
    }
    scalars.put(name + "Censored", Uncertain.exact((double) times.censored() / times.runs()));
    comparisons.add(
        Comparison.ofLaw(
            "share of the runs that have left, " + WORDS.get(name) + ": largest gap to theory's",
            times.distance(step -> law[step], options.stepLimit()),
            times.band(confidence),
            0,
            confidence));
    tables.add(quantiles(name, times, law));
    tables.add(distribution(name, times, law, marginal));
  }

  private Table quantiles(String name, EscapeTimes times, double[] law) {
    Table.Builder table =
        new Table.Builder(
            name + "Quantiles", "probability", "steps", "low", "high", "predictedSteps");
    for (double probability : PROBABILITIES) {
      Quantile quantile = times.quantile(probability, options.confidence());
      table.row(
          probability,
          orNaN(quantile.value()),
          orNaN(quantile.low()),
          orNaN(quantile.high()),
          orNaN(quantile(law, probability)));
    }
    return table.build();
  }

  private Table distribution(
      String name, EscapeTimes times, double[] law, IntToDoubleFunction marginal) {
    double last = Math.max(quantile(law, 0.999), times.quantile(0.999, 0.5).value());
    int end = (int) Math.min(options.stepLimit(), last);
    int stride = end / MOST_ROWS + 1;
    double band = times.band(options.confidence());
    Table.Builder table =
        new Table.Builder(
            name + "Distribution",
            "steps",
            "escaped",
            "low",
            "high",
            "predictedEscaped",
            "predictedOutside");
    for (int step = 0; step <= end; step += stride) {
      double share = times.share(step);
      table.row(
          step,
          share,
          Math.max(0, share - band),
          Math.min(1, share + band),
          Math.max(0, law[step]), // quadrature rounds to just below
          marginal.applyAsDouble(step));
    }
    return table.build();
  }

  private static double orNaN(double value) {
    return Double.isFinite(value) ? value : Double.NaN;
  }

  private static double quantile(double[] law, double probability) {
    for (int step = 0; step < law.length; step++) {
      if (law[step] >= probability) {
        return step;
      }
    }
    return Double.POSITIVE_INFINITY;
  }

  /**
   * E[u_k²] over runs that go on beyond r, up to the step at which it should be r². The innovations
   * u_{k+1}² − g² u_k² − η²σ² have mean 0 and variance 4 g² η² σ² u_k² + η⁴ (m_4 − σ⁴) given the
   * past, so that their standardised sums over the runs, one a step, are uncorrelated and close to
   * standard normal: the sum of their squares is tested against χ² on both sides.
   *
   * @param fourth m_4, fourth moment of the noise in a coordinate, whose third is 0
   */
  private void grow(
      String name, Optimizer optimizer, LinearEscape law, double fourth, SplittableRandom random) {
    int runs = options.runs();
    int steps = 1;
    while (law.secondMoment(steps) < options.radius() * options.radius()) {
      steps++;
    }
    double[][] x = new double[runs][options.dimension()];
    StepRule[] rules = new StepRule[runs];
    for (int run = 0; run < runs; run++) {
      rules[run] = optimizer.start(random.split());
    }
    double added = law.noise() * law.noise();
    double fourthAdded = Math.pow(options.stepSize(), 4) * fourth - added * added;
    Table.Builder table =
        new Table.Builder(
            name + "MeanSquare",
            "step",
            "meanSquare",
            "standardError",
            "low",
            "high",
            "predicted",
            "z");
    table.row(0, 0, 0, 0, 0, 0, 0);
    double confidence = options.confidence();
    // u is Gaussian, or nearly: the sum of squares over its variance is χ² with one degree a run.
    ChiSquaredDistribution squares = new ChiSquaredDistribution(runs);
    double lowest = runs / squares.inverseCumulativeProbability((1 + confidence) / 2);
    double highest = runs / squares.inverseCumulativeProbability((1 - confidence) / 2);
    double total = 0;
    double last = 0;
    for (int step = 1; step <= steps; step++) {
      double sum = 0;
      double fourths = 0;
      double innovations = 0;
      for (int run = 0; run < runs; run++) {
        double before = x[run][out] * x[run][out];
        rules[run].step(x[run]);
        double after = x[run][out] * x[run][out];
        sum += after;
        fourths += after * after;
        double variance = 4 * growth * growth * added * before + fourthAdded;
        innovations += (after - growth * growth * before - added) / Math.sqrt(variance);
      }
      total += innovations * innovations / runs;
      double mean = sum / runs;
      double error = Math.sqrt((fourths / runs - mean * mean) / (runs - 1));
      double predicted = law.secondMoment(step);
      table.row(
          step, mean, error, mean * lowest, mean * highest, predicted, (mean - predicted) / error);
      last = mean / predicted;
    }
    tables.add(table.build());
    Uncertain ratio =
        Uncertain.of(
            last, List.of(Contribution.known(Source.SEEDS, last * Math.sqrt(2.0 / runs))), true);
    scalars.put(name + "MeanSquareRatio", ratio);
    comparisons.add(
        Comparison.of(
            "mean of u² after " + steps + " steps, over the predicted, " + WORDS.get(name),
            last,
            last * lowest,
            last * highest,
            1,
            0,
            RATIO_RESOLUTION,
            confidence));
    double normal =
        new NormalDistribution(0, 1)
            .inverseCumulativeProbability(
                Math.clamp(
                    new ChiSquaredDistribution(steps).cumulativeProbability(total),
                    1e-15,
                    1 - 1e-15));
    comparisons.add(
        Comparison.of(
            "growth of u² step by step, chi-square test as a normal score, " + WORDS.get(name),
            Uncertain.of(normal, List.of(Contribution.known(Source.SEEDS, 1)), true),
            0,
            0,
            Double.MAX_VALUE,
            confidence));
  }
}
