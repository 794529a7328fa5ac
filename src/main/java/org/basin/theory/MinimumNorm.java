package org.basin.theory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.basin.InvalidInputException;
import org.basin.linalg.Euclidean;
import org.basin.linalg.ThinQr;
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
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.jspecify.annotations.Nullable;

/**
 * Least squares with more parameters than examples: which of all solutions gradient descent finds,
 * and what it is worth.
 *
 * <pre>
 * y = Xβ + ε,  X [n, p] standard normal, ‖β‖² = r², Var ε = σ²,   γ = p/n
 * θ_MN = X⁺ y,  the solution of least norm
 * lim θ_t = θ_MN + P θ_0,   P the projection onto the null space of X
 * </pre>
 *
 * <p>since gradients are combinations of rows of X, whole or of single examples, they never leave
 * the row space. The excess risk of θ_MN is E ‖θ_MN − β‖²; over X it is exactly
 *
 * <pre>
 * p &lt; n − 1:   σ² p / (n − p − 1)                        → σ² γ / (1 − γ)
 * p &gt; n + 1:   r² (1 − n/p) + σ² n / (p − n − 1)         → r² (1 − 1/γ) + σ² / (γ − 1)
 * </pre>
 *
 * <p>with the limits of Hastie et al. 2022, theorem 1 and corollary 1 ("Surprises in
 * high-dimensional ridgeless least squares interpolation"), and for finite n the mean of an inverse
 * Wishart matrix, E tr (XᵀX)⁻¹ = p / (n − p − 1) (Breiman and Freedman 1983; Belkin et al. 2020).
 */
public final class MinimumNorm {
  /** The study. */
  public static final StudyKind<MinimumNormOptions> KIND =
      new StudyKind<>(
          "minimum-norm",
          1,
          "A linear model with more parameters than examples fits them in infinitely many ways."
              + " Gradient descent from zero, with full-batch or single-example gradients, picks the"
              + " one with the smallest norm; from elsewhere, it keeps the part of its start that"
              + " the data cannot see. Although nothing is regularised, the test error of this"
              + " solution falls again beyond p = n, where it is infinite: double descent, with a"
              + " formula (Hastie et al. 2022).",
          MinimumNormOptions.DEFAULTS,
          (options, random) -> new MinimumNorm(options).measure(random),
          List.of(
              new Figure(
                  "Double descent of least squares",
                  "Excess risk, the test error beyond that of the noise, of the solution of least"
                      + " norm against the number of features per example. It is infinite where"
                      + " there are as many features as examples, and falls again beyond; the lines"
                      + " join the tested numbers, none of them within 5 of that place, and so cut"
                      + " the peak off. Dashed: no bound, but what the exact line becomes where"
                      + " examples are many.",
                  "risk",
                  new Axis("gamma", "features per example, p/n", true),
                  new Axis("", "excess risk", true),
                  List.of(
                      new Trace("exact, this n", Style.PREDICTED, "predicted"),
                      new Trace("limit of large n (Hastie et al. 2022)", Style.BOUND, "limit"),
                      new Trace("measured", Style.MEASURED, "risk", "low", "high")),
                  null),
              new Figure(
                  "Random ReLU features",
                  "The same with features that a random hidden layer makes of the inputs: there"
                      + " is no simple formula, but the peak is again at as many features as"
                      + " examples. Dashed: the risk of answering 0 to everything.",
                  "randomFeatures",
                  new Axis("ratio", "features per example, N/n", true),
                  new Axis("", "median excess risk", true),
                  List.of(
                      new Trace("answering 0 always", Style.BOUND, "signal"),
                      new Trace("median", Style.MEASURED, "risk", "low", "high")),
                  null)));

  /** Residual, relative to the labels, at which a descent has arrived. */
  private static final double ARRIVED = 1e-8;

  /** How far from its limit, relative to the solution, a descent may be then. */
  private static final double CLOSE = 1e-6;

  /** Of random features, until they are independent. */
  private static final int MOST_DRAWS = 1000;

  private static final int MOST_EPOCHS = 200_000;
  private static final int TEST_EXAMPLES = 200;

  /** Share of the predicted risk that an interval may be wide to say something. */
  private static final double RESOLUTION = 0.5;

  private final MinimumNormOptions options;
  private final int n;
  private final SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
  private final List<Comparison> comparisons = new ArrayList<>();

  private MinimumNorm(MinimumNormOptions options) {
    this.options = options;
    n = options.examples();
  }

  private Measurement measure(SplittableRandom random) {
    Table solutions = solutions(random.split());
    Table risk = risk(random.split());
    Table features = randomFeatures(random.split());
    return new Measurement(
        scalars, new Comparisons(comparisons), List.of(risk, features, solutions), Map.of());
  }

  /** Examples of a linear model: rows x_i, labels y_i. */
  private record Problem(double[][] x, double[] y) {}

  /** Excess risk of the solution of least norm for each p. */
  private Table risk(SplittableRandom random) {
    Table.Builder table =
        new Table.Builder(
            "risk",
            "gamma",
            "features",
            "risk",
            "standardError",
            "low",
            "high",
            "predicted",
            "limit");
    for (int p : options.features()) {
      SplittableRandom draws = random.split();
      double[] risks = new double[options.draws()];
      for (int draw = 0; draw < risks.length; draw++) {
        double[] truth = direction(p, Math.sqrt(options.signal()), draws);
        double[] solution = solve(linear(truth, draws));
        risks[draw] = squaredDistance(solution, truth);
      }
      Uncertain mean = Uncertain.mean(risks, Source.SEEDS);
      double half = mean.halfWidth(options.confidence());
      double gamma = (double) p / n;
      double predicted = predicted(p);
      table.row(
          gamma,
          p,
          mean.value(),
          mean.standardError(),
          mean.value() - half,
          mean.value() + half,
          predicted,
          limit(gamma));
      comparisons.add(
          Comparison.of(
              "excess risk with " + p + " features for " + n + " examples",
              mean,
              predicted,
              0,
              RESOLUTION * predicted,
              options.confidence()));
      if (p == options.features().getLast()) {
        scalars.put("widestRisk", mean);
        scalars.put("widestRiskPredicted", Uncertain.exact(predicted));
      }
    }
    return table.build();
  }

  /** E ‖θ_MN − β‖² for this n. */
  private double predicted(int p) {
    return p < n
        ? options.noise() * p / (n - p - 1)
        : options.signal() * (1 - (double) n / p) + options.noise() * n / (p - n - 1);
  }

  /** Its limit for n → ∞ (Hastie et al. 2022). */
  private double limit(double gamma) {
    return gamma < 1
        ? options.noise() * gamma / (1 - gamma)
        : options.signal() * (1 - 1 / gamma) + options.noise() / (gamma - 1);
  }

  /** Where descents end against where they should. */
  private Table solutions(SplittableRandom random) {
    Table.Builder table =
        new Table.Builder(
            "solutions",
            "randomFeatures",
            "singleExamples",
            "startNorm",
            "epochs",
            "residual",
            "distance",
            "predictedDistance",
            "fromPredicted");
    // Twice as many features as examples, so that descent need not take long.
    int p = 2 * n;
    double worst = 0;
    for (boolean nonlinear : new boolean[] {false, true}) {
      Problem problem =
          nonlinear
              ? randomFeatureProblem(4 * n, random.split()).train()
              : linear(direction(p, Math.sqrt(options.signal()), random), random.split());
      ThinQr rows = new ThinQr(problem.x());
      double[] leastNorm = rows.leastNorm(problem.y());
      for (boolean single : new boolean[] {false, true}) {
        for (double norm : new double[] {0, options.start()}) {
          double[] start = direction(leastNorm.length, norm, random);
          double[] kept = rows.orthogonalPart(start);
          Descent end = descend(problem, start, single, random.split());
          double[] limit = leastNorm.clone();
          for (int i = 0; i < limit.length; i++) {
            limit[i] += kept[i];
          }
          double off = Math.sqrt(squaredDistance(end.theta(), limit)) / Euclidean.norm(leastNorm);
          double distance = Math.sqrt(squaredDistance(end.theta(), leastNorm));
          worst = Math.max(worst, off);
          table.row(
              nonlinear ? 1 : 0,
              single ? 1 : 0,
              norm,
              end.epochs(),
              end.residual(),
              distance,
              Euclidean.norm(kept),
              off);
          comparisons.add(
              Comparison.of(
                  String.format(
                      Locale.ROOT,
                      "distance from the solution of least norm, %s, %s gradients, %s",
                      nonlinear ? "random features" : "linear",
                      single ? "single-example" : "full-batch",
                      norm == 0
                          ? "from zero"
                          : String.format(Locale.ROOT, "from a start of norm %.3g", norm)),
                  end.residual() <= ARRIVED
                      ? Uncertain.exact(distance)
                      : Uncertain.of(distance, List.of(), false),
                  Euclidean.norm(kept),
                  CLOSE * Euclidean.norm(leastNorm),
                  CLOSE,
                  options.confidence()));
        }
      }
    }
    scalars.put("distanceFromPredictedLimit", Uncertain.exact(worst));
    scalars.put("distanceFromPredictedLimitPredicted", Uncertain.exact(0));
    return table.build();
  }

  /** Where a descent ended. */
  private record Descent(double[] theta, int epochs, double residual) {}

  /**
   * Gradient descent on (1/2) ‖Xθ − y‖² at step 1/λ_max, or on single examples, drawn at random, at
   * step 1/max ‖x_i‖²; until ‖Xθ − y‖ ≤ 10⁻⁸ ‖y‖.
   */
  private Descent descend(
      Problem problem, double[] start, boolean single, SplittableRandom random) {
    double[][] x = problem.x();
    double[] theta = start.clone();
    double step = 1 / (single ? largestRow(x) : largestEigenvalue(x));
    double labels = Euclidean.norm(problem.y());
    double[] residuals = new double[x.length];
    int epoch = 0;
    double residual = residuals(problem, theta, residuals) / labels;
    while (residual > ARRIVED && epoch < MOST_EPOCHS) {
      for (int k = 0; k < x.length; k++) {
        int i = single ? random.nextInt(x.length) : k;
        double left = single ? Euclidean.dot(x[i], theta) - problem.y()[i] : residuals[i];
        for (int j = 0; j < theta.length; j++) {
          theta[j] -= step * left * x[i][j];
        }
      }
      epoch++;
      residual = residuals(problem, theta, residuals) / labels;
    }
    return new Descent(theta, epoch, residual);
  }

  private static double residuals(Problem problem, double[] theta, double[] into) {
    for (int i = 0; i < into.length; i++) {
      into[i] = Euclidean.dot(problem.x()[i], theta) - problem.y()[i];
    }
    return Euclidean.norm(into);
  }

  private static double largestRow(double[][] x) {
    double largest = 0;
    for (double[] row : x) {
      largest = Math.max(largest, Euclidean.dot(row, row));
    }
    return largest;
  }

  /** λ_max of XXᵀ from above, by its largest absolute row sum; so that every step is stable. */
  private static double largestEigenvalue(double[][] x) {
    double largest = 0;
    for (double[] row : x) {
      double sum = 0;
      for (double[] other : x) {
        sum += Math.abs(Euclidean.dot(row, other));
      }
      largest = Math.max(largest, sum);
    }
    return largest;
  }

  /**
   * A problem with random features, its solution of least norm, and examples to judge that by,
   * without noise.
   */
  private record WithTest(Problem train, double[] solution, Problem test) {}

  /**
   * One whose examples, or features where those are fewer, are independent; others are drawn again.
   * A feature may be 0 on all of few examples, with probability 2^−n, and of few inputs several may
   * be multiples of each other there.
   */
  private WithTest randomFeatureProblem(int count, SplittableRandom random) {
    for (int draw = 0; draw < MOST_DRAWS; draw++) {
      WithTest problem = drawnFeatures(count, random);
      if (problem != null) {
        return problem;
      }
    }
    throw new InvalidInputException(
        "%d times %d random features of %d inputs depended on each other on %d examples; allowed:"
                .formatted(MOST_DRAWS, count, options.inputs(), n)
            + " more inputs");
  }

  /**
   * φ(x) = max(0, Vx) / √N of inputs x, with V [N, d] of rows N(0, I/d), and labels linear in x;
   * null when they are dependent.
   */
  private @Nullable WithTest drawnFeatures(int count, SplittableRandom random) {
    int d = options.inputs();
    double[] truth = direction(d, Math.sqrt(options.signal()), random);
    double[][] layer = new double[count][];
    for (int k = 0; k < count; k++) {
      layer[k] = gaussian(d, 1 / Math.sqrt(d), random);
    }
    Problem train = featured(layer, truth, n, Math.sqrt(options.noise()), random);
    Problem test = featured(layer, truth, TEST_EXAMPLES, 0, random);
    try {
      return new WithTest(train, solve(train), test);
    } catch (InvalidInputException dependent) {
      return null;
    }
  }

  private Problem featured(
      double[][] layer, double[] truth, int count, double noise, SplittableRandom random) {
    double[][] x = new double[count][layer.length];
    double[] y = new double[count];
    for (int i = 0; i < count; i++) {
      double[] input = gaussian(truth.length, 1, random);
      for (int k = 0; k < layer.length; k++) {
        x[i][k] = Math.max(0, Euclidean.dot(layer[k], input)) / Math.sqrt(layer.length);
      }
      y[i] = Euclidean.dot(truth, input) + noise * random.nextGaussian();
    }
    return new Problem(x, y);
  }

  /** Median risk of random-feature models: at N = n the mean does not exist. */
  private Table randomFeatures(SplittableRandom random) {
    Table.Builder table =
        new Table.Builder("randomFeatures", "ratio", "features", "risk", "low", "high", "signal");
    int draws = options.draws();
    // Order statistics that hold the median with the confidence, by the normal approximation to
    // the binomial.
    double half = quantile() * Math.sqrt(draws) / 2;
    int low = Math.max(0, (int) Math.floor(draws / 2.0 - half) - 1);
    int high = Math.min(draws - 1, (int) Math.ceil(draws / 2.0 + half));
    double peak = Double.NaN;
    double highest = 0;
    double highestAt = 0;
    for (int count : options.randomFeatures()) {
      SplittableRandom stream = random.split();
      double[] risks = new double[draws];
      for (int draw = 0; draw < draws; draw++) {
        WithTest problem = randomFeatureProblem(count, stream);
        double[] left = new double[TEST_EXAMPLES];
        double total = residuals(problem.test(), problem.solution(), left);
        risks[draw] = total * total / TEST_EXAMPLES;
      }
      Arrays.sort(risks);
      double median = (risks[(draws - 1) / 2] + risks[draws / 2]) / 2;
      table.row((double) count / n, count, median, risks[low], risks[high], options.signal());
      if (median > highest) {
        highest = median;
        highestAt = count;
      }
      peak = count == n ? median : peak;
    }
    scalars.put("peakRatio", Uncertain.exact(highestAt / n));
    scalars.put("peakRatioPredicted", Uncertain.exact(1));
    comparisons.add(
        Comparison.ofExceptions(
            "the risk of random features peaks at as many features as examples",
            peak == highest ? 0 : 1,
            1,
            "peaks are elsewhere"));
    return table.build();
  }

  private double quantile() {
    return new NormalDistribution().inverseCumulativeProbability((1 + options.confidence()) / 2);
  }

  private Problem linear(double[] truth, SplittableRandom random) {
    double[][] x = new double[n][];
    double[] y = new double[n];
    double deviation = Math.sqrt(options.noise());
    for (int i = 0; i < n; i++) {
      x[i] = gaussian(truth.length, 1, random);
      y[i] = Euclidean.dot(x[i], truth) + deviation * random.nextGaussian();
    }
    return new Problem(x, y);
  }

  /** X⁺ y. */
  private static double[] solve(Problem problem) {
    double[][] x = problem.x();
    int p = x[0].length;
    if (p >= x.length) {
      return new ThinQr(x).leastNorm(problem.y());
    }
    double[][] columns = new double[p][x.length];
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < p; j++) {
        columns[j][i] = x[i][j];
      }
    }
    return new ThinQr(columns).leastSquares(problem.y());
  }

  private static double[] gaussian(int count, double deviation, SplittableRandom random) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = deviation * random.nextGaussian();
    }
    return values;
  }

  /** Uniform among those of a norm. */
  private static double[] direction(int count, double norm, SplittableRandom random) {
    double[] values = gaussian(count, 1, random);
    double scale = norm / Euclidean.norm(values);
    for (int i = 0; i < count; i++) {
      values[i] *= scale;
    }
    return values;
  }

  private static double squaredDistance(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return sum;
  }
}
