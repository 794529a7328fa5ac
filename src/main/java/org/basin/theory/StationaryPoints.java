package org.basin.theory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
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

/**
 * How small ‖∇f‖² gets under stochastic gradient descent at step 1/L, against
 *
 * <pre>
 *   (1/K) Σ_{k &lt; K} E ‖∇f(x_k)‖² ≤ 2L (f(x_0) − f*) / K + σ²/B
 * </pre>
 *
 * which follows from f(x_{k+1}) ≤ f(x_k) − ‖∇f‖²/(2L) + ‖ξ‖²/(2L) on average (Ghadimi and Lan 2013,
 * corollary 2.2, whose iterate drawn at random has the average for its expectation). The theorem is
 * about the average over k. The smallest is below it in every run, and so within the bound too, but
 * no theorem says by how much.
 *
 * <p>For the quadratic, with κ_i = λ_i/L, everything is known: E g_i² ← (1 − κ_i)² E g_i² + κ_i²
 * σ²/(dB).
 */
public final class StationaryPoints {
  /** The study. */
  public static final StudyKind<StationaryPointsOptions> KIND =
      new StudyKind<>(
          "stationary-points",
          2,
          "How close to a point of zero gradient does stochastic gradient descent come? For any "
              + "smooth function, with step size 1/L the average of ‖∇f‖² over K steps is at "
              + "most 2L (f₀ − f*) / K + σ²/B (after Ghadimi and Lan 2013, corollary 2.2): it "
              + "falls as 1/K, down to a floor that no number of steps lowers, only a larger "
              + "batch B.",
          StationaryPointsOptions.DEFAULTS,
          StationaryPoints::measure,
          List.of(
              new Figure(
                  "Without noise: 1/K",
                  "Average of ‖∇f‖² over the first K steps of gradient descent. The bound (dashed) "
                      + "holds for every smooth function and may not be crossed; where the "
                      + "function is a quadratic the average itself is known (line). On these "
                      + "axes 1/K is a straight line of slope −1.",
                  "noiseless",
                  new Axis("steps", "steps K", true),
                  new Axis("", "average of ‖∇f‖²", true),
                  List.of(
                      new Trace("measured", Style.MEASURED, "average"),
                      new Trace("theory", Style.PREDICTED, "predictedAverage"),
                      new Trace("bound", Style.BOUND, "bound")),
                  null),
              new Figure(
                  "With noise: down to a floor",
                  "The same with noisy gradients, a colour for each batch size. At first the "
                      + "curves fall together; then each settles on its floor, the lower the "
                      + "larger the batch. Every measured point stays below the dashed bound of "
                      + "its colour.",
                  "noisy",
                  new Axis("steps", "steps K", true),
                  new Axis("", "average of ‖∇f‖²", true),
                  List.of(
                      new Trace("measured", Style.MEASURED, "average", "averageLow", "averageHigh"),
                      new Trace("theory", Style.PREDICTED, "predictedAverage"),
                      new Trace("bound", Style.BOUND, "bound")),
                  "batchSize"),
              new Figure(
                  "The floor against the batch",
                  "Average of ‖∇f‖² over the last half of the steps, where only noise is left. "
                      + "Averaging B gradients divides the variance of the noise by B and, in a "
                      + "bowl or a well, the floor with it: slope −1. The bound's floor σ²/B is "
                      + "higher, since it holds for the worst function.",
                  "floors",
                  new Axis("batchSize", "batch size B", true),
                  new Axis("", "floor of ‖∇f‖²", true),
                  List.of(
                      new Trace("measured", Style.MEASURED, "floor", "floorLow", "floorHigh"),
                      new Trace("theory", Style.PREDICTED, "predictedFloor"),
                      new Trace("bound", Style.BOUND, "bound")),
                  null)));

  private static final int TILT_PAIRS = 50;

  /**
   * Largest variance of a coordinate at which a well counts as quadratic: it moves the slope of the
   * floor by as much at most.
   */
  private static final double QUADRATIC_WELL = 0.1;

  /** Half-intervals wider than this share of what is predicted say nothing. */
  private static final double RESOLUTION = 0.1;

  private final StationaryPointsOptions options;
  private final Function function;
  private final double[] eigenvalues;
  private final int[] steps;
  private final SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
  private final List<Comparison> comparisons = new ArrayList<>();

  private StationaryPoints(StationaryPointsOptions options) {
    this.options = options;
    this.eigenvalues = eigenvalues(options);
    this.function =
        switch (options.function()) {
          case QUADRATIC -> new QuadraticForm(eigenvalues);
          case ALGEBRAIC_DECAY -> new AlgebraicDecay(options.dimension(), options.power());
          case COSINE_WELLS -> new CosineWells(options.dimension());
        };
    this.steps = options.steps().stream().mapToInt(each -> each).toArray();
  }

  private static double[] eigenvalues(StationaryPointsOptions options) {
    int d = options.dimension();
    double[] eigenvalues = new double[d];
    for (int i = 0; i < d; i++) {
      eigenvalues[i] = Math.pow(options.conditionNumber(), d == 1 ? 0 : -i / (d - 1.0));
    }
    return eigenvalues;
  }

  /**
   * One run.
   *
   * @param averages of ‖∇f(x_k)‖² over k below each K
   * @param smallest of them
   * @param tail average over the last half of all steps
   */
  private record Course(double[] averages, double[] smallest, double tail) {}

  /**
   * Runs and compares: {@code averageSlope} and {@code smallestSlope} in K without noise, {@code
   * floorSlope} in B with it, and by how much the bound is loose, bound over measured average, at
   * its tightest and its loosest. The details are {@link Comparisons}.
   *
   * @param random decides the noise
   */
  public static Measurement measure(StationaryPointsOptions options, SplittableRandom random) {
    return new StationaryPoints(options).measure(random);
  }

  private Measurement measure(SplittableRandom random) {
    Table noiseless = noiseless();
    List<Table> noisy = noisy(random);
    return new Measurement(
        scalars,
        new Comparisons(comparisons),
        List.of(noiseless, noisy.getFirst(), noisy.getLast()),
        Map.of());
  }

  private Table noiseless() {
    Course course = run(GradientDescent.exact(function, 1 / function.smoothness()));
    Table.Builder table =
        new Table.Builder(
            "noiseless", "steps", "average", "smallest", "bound", "looseness", "predictedAverage");
    for (int i = 0; i < steps.length; i++) {
      double bound = bound(steps[i], 0);
      double average = course.averages()[i];
      table.row(
          steps[i],
          average,
          course.smallest()[i],
          bound,
          bound / average,
          predictedAverage(steps[i], 0));
    }
    double confidence = options.confidence();
    Uncertain slope = slope(course.averages());
    scalars.put("averageSlope", slope);
    scalars.put("averageSlopePredicted", Uncertain.exact(-1));
    comparisons.add(
        Comparison.of(
            "log–log slope of the average in K without noise",
            slope,
            -1,
            missing(),
            RESOLUTION,
            confidence));
    if (function instanceof AlgebraicDecay decay) {
      Uncertain smallest = slope(course.smallest());
      scalars.put("smallestSlope", smallest);
      scalars.put("smallestSlopePredicted", Uncertain.exact(decay.gradientExponent()));
      comparisons.add(
          Comparison.of(
              "slope of the smallest in K without noise",
              smallest,
              decay.gradientExponent(),
              unsettled(),
              RESOLUTION,
              confidence));
    }
    return table.build();
  }

  /** Slope between the last two K, in logarithms; without noise nothing about it is uncertain. */
  private Uncertain slope(double[] values) {
    int last = steps.length - 1;
    return Uncertain.exact(
        Math.log(values[last] / values[last - 1])
            / Math.log((double) steps[last] / steps[last - 1]));
  }

  /**
   * How far from −1 the slope may be while Σ ‖∇f‖² still grows, of which as much is missing as f_K
   * is of f_0: x_K^(p+2) ≈ x_0^(p+2) + (p + 2) K.
   */
  private double missing() {
    if (options.function() != StationaryPointsOptions.Problem.ALGEBRAIC_DECAY) {
      return 0.01;
    }
    double p = options.power();
    double left = Math.pow(shift() + (p + 2) * steps[steps.length - 2], -p / (p + 2));
    return Math.max(0.01, left / Math.pow(1 + options.start() * options.start(), -p / 2));
  }

  /**
   * How far from its limit α may be: 1 beside x² in (1 + x²), ~K^(−2/(p+2)), and x_0^(p+2) beside
   * (p + 2) K.
   */
  private double unsettled() {
    double p = options.power();
    int last = steps[steps.length - 2];
    return Math.max(0.02, Math.pow(last, -2 / (p + 2)) / 2) + 2 * shift() / ((p + 2) * last);
  }

  private double shift() {
    return Math.pow(options.start(), options.power() + 2);
  }

  /** The averages by batch size, and the floors. */
  private List<Table> noisy(SplittableRandom random) {
    int runs = options.runs();
    double confidence = options.confidence();
    Table.Builder table =
        new Table.Builder(
            "noisy",
            "batchSize",
            "steps",
            "average",
            "averageError",
            "smallest",
            "smallestError",
            "bound",
            "looseness",
            "predictedAverage",
            "averageLow",
            "averageHigh");
    Table.Builder bottoms =
        new Table.Builder(
            "floors",
            "batchSize",
            "floor",
            "floorError",
            "floorLow",
            "floorHigh",
            "bound",
            "predictedFloor");
    int batches = options.batchSizes().size();
    double[] floors = new double[batches];
    double[] relativeErrors = new double[batches];
    double tightest = Double.POSITIVE_INFINITY;
    double loosest = 0;
    int violated = 0;
    for (int b = 0; b < batches; b++) {
      int batch = options.batchSizes().get(b);
      Course[] courses = courses(batch, random.split());
      for (int i = 0; i < steps.length; i++) {
        int at = i;
        Uncertain average = mean(courses, course -> course.averages()[at]);
        Uncertain smallest = mean(courses, course -> course.smallest()[at]);
        double bound = bound(steps[i], batch);
        double looseness = bound / average.value();
        tightest = Math.min(tightest, looseness);
        loosest = Math.max(loosest, looseness);
        double half = average.halfWidth(confidence);
        if (average.value() - half > bound * (1 + 1e-9)) {
          violated++;
        }
        table.row(
            batch,
            steps[i],
            average.value(),
            average.standardError(),
            smallest.value(),
            smallest.standardError(),
            bound,
            looseness,
            predictedAverage(steps[i], batch),
            average.value() - half,
            average.value() + half);
      }
      Uncertain floor = mean(courses, Course::tail);
      floors[b] = floor.value();
      relativeErrors[b] = floor.standardError() / floor.value();
      bottoms.row(
          batch,
          floor.value(),
          floor.standardError(),
          floor.value() - floor.halfWidth(confidence),
          floor.value() + floor.halfWidth(confidence),
          variance(batch),
          predictedFloor(batch));
      if (options.function() == StationaryPointsOptions.Problem.QUADRATIC) {
        int last = steps.length - 1;
        double predicted = predictedAverage(steps[last], batch);
        comparisons.add(
            Comparison.of(
                "average over " + steps[last] + " steps at batch size " + batch,
                mean(courses, course -> course.averages()[last]),
                predicted,
                0,
                RESOLUTION * predicted,
                confidence));
      }
    }
    scalars.put("tightestLooseness", Uncertain.exact(tightest));
    scalars.put("loosestLooseness", Uncertain.exact(loosest));
    comparisons.add(
        Comparison.ofExceptions(
            "the average is within 2L(f₀ − f*)/K + σ²/B",
            violated,
            batches * steps.length,
            "averages over " + runs + " runs are above the bound"));
    compareFloors(floors, relativeErrors);
    return List.of(table.build(), bottoms.build());
  }

  /**
   * The slope of the floor in B: -1, but for what is left of the start where a quadratic has not
   * settled yet. The wells are quadratic for small noise only, E sin² x being E x² (1 − E x² + …)
   * of Gaussian x: of larger noise nothing is known, and the slope is of the batch sizes below.
   */
  private void compareFloors(double[] floors, double[] relativeErrors) {
    boolean wells = options.function() == StationaryPointsOptions.Problem.COSINE_WELLS;
    List<Integer> sizes = options.batchSizes();
    int from = 0;
    while (wells
        && from < floors.length
        && variance(sizes.get(from)) / options.dimension() > QUADRATIC_WELL) {
      from++;
    }
    boolean known =
        options.function() != StationaryPointsOptions.Problem.ALGEBRAIC_DECAY
            && floors.length - from >= 2;
    // On its slope, which has no bottom, noise leads ever further down: there is no floor.
    int first = known ? from : 0;
    double[] batches = logarithms(sizes.stream().skip(first).mapToDouble(size -> size).toArray());
    double[] errors = Arrays.copyOfRange(relativeErrors, first, floors.length);
    Uncertain slope =
        LineFit.weighted(
                batches, logarithms(Arrays.copyOfRange(floors, first, floors.length)), errors)
            .slope();
    scalars.put("floorSlope", slope);
    if (!known) {
      return;
    }
    double predicted = -1;
    if (!wells) {
      double[] tails = sizes.stream().mapToDouble(this::predictedTail).toArray();
      predicted = LineFit.weighted(batches, logarithms(tails), errors).slope().value();
    }
    scalars.put("floorSlopePredicted", Uncertain.exact(predicted));
    comparisons.add(
        Comparison.of(
            "slope of the floor in B",
            slope,
            predicted,
            wells ? QUADRATIC_WELL : 0,
            RESOLUTION,
            options.confidence()));
  }

  private Course[] courses(int batch, SplittableRandom random) {
    double coordinate = options.sigma() / Math.sqrt(options.dimension());
    GradientNoise noise =
        switch (options.noise()) {
          case ISOTROPIC -> GradientNoise.isotropic(function, coordinate / Math.sqrt(batch));
          case MINI_BATCH ->
              GradientNoise.miniBatch(
                  TiltedSum.gaussian(function, TILT_PAIRS, coordinate, random.split()), batch);
        };
    Course[] courses = new Course[options.runs()];
    for (int run = 0; run < courses.length; run++) {
      courses[run] =
          run(
              new GradientDescent(
                  options.dimension(), noise, 1 / function.smoothness(), random.split()));
    }
    return courses;
  }

  private Course run(StepRule rule) {
    int last = steps[steps.length - 1];
    double[] x = start();
    double[] gradient = new double[x.length];
    double[] averages = new double[steps.length];
    double[] smallest = new double[steps.length];
    double sum = 0;
    double least = Double.POSITIVE_INFINITY;
    double half = 0;
    int at = 0;
    for (int step = 0; step < last; step++) {
      function.gradient(x, gradient);
      double square = 0;
      for (double each : gradient) {
        square += each * each;
      }
      sum += square;
      least = Math.min(least, square);
      if (step < last / 2) {
        half = sum;
      }
      if (step + 1 == steps[at]) {
        averages[at] = sum / steps[at];
        smallest[at] = least;
        at++;
      }
      rule.step(x);
    }
    return new Course(averages, smallest, (sum - half) / (last - last / 2));
  }

  private double[] start() {
    double[] x = new double[options.dimension()];
    Arrays.fill(x, options.start());
    return x;
  }

  private static Uncertain mean(Course[] courses, ToDoubleFunction<Course> figure) {
    return Uncertain.mean(Arrays.stream(courses).mapToDouble(figure).toArray(), Source.SEEDS);
  }

  private static double[] logarithms(double[] values) {
    return Arrays.stream(values).map(Math::log).toArray();
  }

  /**
   * The theorem's.
   *
   * @param batch B; 0 for no noise
   */
  private double bound(int count, int batch) {
    double fall = function.value(start()) - function.infimum();
    return 2 * function.smoothness() * fall / count + variance(batch);
  }

  private double variance(int batch) {
    return batch == 0 ? 0 : options.sigma() * options.sigma() / batch;
  }

  /**
   * (1/K) Σ E ‖g‖² of the quadratic, g_i² summed over the geometric series: with q = (1 − κ_i)² and
   * the stationary value v = κ_i σ²/(dB) / (2 − κ_i), v + (g_i(0)² − v) (1 − q^K) / (K (1 − q)).
   *
   * @return NaN for other functions
   */
  private double predictedAverage(int count, int batch) {
    if (options.function() != StationaryPointsOptions.Problem.QUADRATIC) {
      return Double.NaN;
    }
    double sum = 0;
    for (double eigenvalue : eigenvalues) {
      double kappa = eigenvalue / function.smoothness();
      double left = (1 - kappa) * (1 - kappa);
      double settled = settled(kappa, batch);
      double first = eigenvalue * options.start();
      sum +=
          settled + (first * first - settled) * (1 - Math.pow(left, count)) / (count * (1 - left));
    }
    return sum;
  }

  /** What the last half of the steps has for its average of ‖g‖², of the quadratic. */
  private double predictedTail(int batch) {
    int last = steps[steps.length - 1];
    int half = last / 2;
    return (last * predictedAverage(last, batch) - half * predictedAverage(half, batch))
        / (last - half);
  }

  /** Stationary E g_i² of the quadratic, κ_i σ²/(dB) / (2 − κ_i). */
  private double settled(double kappa, int batch) {
    return kappa * variance(batch) / options.dimension() / (2 - kappa);
  }

  /** Their sum, on which the average settles; NaN for other functions. */
  private double predictedFloor(int batch) {
    return options.function() == StationaryPointsOptions.Problem.QUADRATIC
        ? Arrays.stream(eigenvalues)
            .map(eigenvalue -> settled(eigenvalue / function.smoothness(), batch))
            .sum()
        : Double.NaN;
  }
}
