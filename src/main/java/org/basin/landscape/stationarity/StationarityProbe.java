package org.basin.landscape.stationarity;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.basin.InvalidInputException;
import org.basin.landscape.BatchGradients;
import org.basin.landscape.LowerBound;
import org.basin.landscape.ProbeKind;
import org.basin.landscape.Subject;
import org.basin.linalg.NonFiniteProductException;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Source;
import org.basin.measurement.Comparison;
import org.basin.measurement.Figure;
import org.basin.measurement.Figure.Axis;
import org.basin.measurement.Figure.Style;
import org.basin.measurement.Figure.Trace;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.measurement.Verdict;
import org.basin.theory.LineFit;
import org.basin.train.Objective;
import org.jspecify.annotations.Nullable;

/**
 * How small ‖∇f‖² gets under stochastic gradient descent from the network's initial parameters, at
 * constant step 1/L, without momentum, batches drawn with replacement from the measured examples,
 * against (Ghadimi and Lan 2013, corollary 2.2)
 *
 * <pre>
 *   (1/K) Σ_{k &lt; K} E ‖∇f(θ_k)‖² ≤ 2L (f(θ_0) − f*) / K + σ²/B
 * </pre>
 *
 * <p>The theorem wants an L and a σ² that hold everywhere. A network has no such L, so both are
 * measured where its runs pass ({@link VisitedRegion}): at every run's start and end and at its
 * steps 1, 4, 16 and so on, σ² being the largest on the runs of one batch size. A pilot, one run
 * without noise and one of each batch size, begins with the curvature of the start; where a larger
 * one is met, L becomes {@value #MARGIN} times that, and the pilot is repeated with the smaller
 * step. The runs that are reported then do the same. L is thus a constant of the visited region,
 * between looks too only as far as curvature does not jump there. f* is what no network can fall
 * below, see {@link LowerBound}.
 */
public final class StationarityProbe {
  /** The probe by its name. */
  public static final ProbeKind<StationarityOptions> KIND =
      new ProbeKind<>(
          "stationarity",
          1,
          "how fast the gradient falls under SGD at step 1/L, against the theorem's bound",
          StationarityOptions.class,
          options ->
              (subject, random) -> {
                try (Objective objective = subject.objective()) {
                  return new StationarityProbe(subject, objective, options).measure(random);
                }
              },
          "Where the loss f has curvature up to L and the gradient of one example has variance "
              + "σ², SGD with batches of B and step size 1/L brings the average of ‖∇f‖² over K "
              + "steps below 2L (f₀ − f*)/K + σ²/B (Ghadimi and Lan 2013). The first part falls "
              + "as 1/K; the second is a floor that only a larger batch lowers. A network has "
              + "no L for all of its landscape: here L and σ² are the largest that were "
              + "measured where the runs passed.",
          figures(),
          List.of(),
          StationarityDefinitions.SCALARS);

  static final double MARGIN = 1.05;
  private static final int MOST_ROUNDS = 20;

  /**
   * What noise adds falls as 1/B exactly only where the loss is quadratic and the noise is the same
   * everywhere. Noise of examples grows with the gradients that it makes larger, so the fall is
   * steeper where batches are small.
   */
  private static final double FLOOR_TOLERANCE = 0.1;

  private static final double FLOOR_RESOLUTION = 0.25;

  private final StationarityOptions options;
  private final Objective objective;
  private final BatchGradients gradients;
  private final float[] start;
  private final double fall; // f(θ_0) − f*
  private final SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
  private final List<Comparison> comparisons = new ArrayList<>();
  private double smoothness; // L
  private int rounds;

  private StationarityProbe(Subject subject, Objective objective, StationarityOptions options) {
    this.options = options;
    this.objective = objective;
    gradients = new BatchGradients(subject);
    start = subject.initial();
    fall = objective.loss(start) - LowerBound.of(subject.options(), subject.spec().outputs());
  }

  private static List<Figure> figures() {
    return List.of(
        new Figure(
            "The gradient under SGD and its bound",
            "Points are the average of ‖∇f‖² over the first K steps, one colour a batch size; the "
                + "dashed line of the same colour is what the theorem allows. All points must be "
                + "below their line. How far below says how much kinder this network is than the "
                + "worst function that the theorem allows for.",
            "noisy",
            new Axis("steps", "steps K", true),
            new Axis("", "average of ‖∇f‖²", true),
            List.of(
                new Trace("measured", Style.MEASURED, "average", "averageLow", "averageHigh"),
                new Trace("bound", Style.BOUND, "bound")),
            "batchSize"),
        new Figure(
            "The gradient without noise",
            "Gradient descent on all examples. The bound falls as 1/K; the smallest ‖∇f‖² so far "
                + "falls at least as fast as the average.",
            "noiseless",
            new Axis("steps", "steps K", true),
            new Axis("", "‖∇f‖²", true),
            List.of(
                new Trace("average", Style.MEASURED, "average"),
                new Trace("smallest", Style.MEASURED, "smallest"),
                new Trace("bound", Style.BOUND, "bound")),
            null),
        new Figure(
            "The floor that noise leaves",
            "What noise adds to ‖∇f‖² in the last half of the run. Were the noise the same "
                + "everywhere, doubling the batch would halve it; where a network comes to fit "
                + "every example, the noise vanishes with the gradient. Dashed: the bound's σ²/B.",
            "floor",
            new Axis("batchSize", "batch size B", true),
            new Axis("", "‖∇f‖² added by noise", true),
            List.of(
                new Trace("measured", Style.MEASURED, "added", "addedLow", "addedHigh"),
                new Trace("σ²/B", Style.BOUND, "bound")),
            null));
  }

  /**
   * What was compared.
   *
   * @param lossAbove f(θ_0) − f*
   * @param stepSize 1/L
   * @param largestCurvature largest eigenvalue that the reported runs met, at most L
   * @param rounds how many times a pilot or all runs were begun until none met more than L
   * @param comparisons with the theorem
   */
  public record Details(
      double lossAbove,
      double stepSize,
      double largestCurvature,
      int rounds,
      List<Comparison> comparisons) {
    /** Copies the list. */
    public Details {
      comparisons = List.copyOf(comparisons);
    }
  }

  /** The runs of one batch size, and where they passed; without noise one run, and B = 0. */
  private record Runs(int batch, Course[] courses, VisitedRegion region) {
    Uncertain mean(ToDoubleFunction<Course> figure) {
      return Uncertain.mean(Arrays.stream(courses).mapToDouble(figure).toArray(), Source.SEEDS);
    }
  }

  private Measurement measure(SplittableRandom random) throws InterruptedException {
    SplittableRandom looks = random.split();
    float[] gradient = new float[start.length];
    objective.gradient(start, gradient);
    raise(new VisitedRegion(objective, gradients).look(start, gradient, looks));
    if (!(smoothness > 0)) {
      throw new InvalidInputException(
          "the loss has no positive curvature where the network starts, so no step 1/L; allowed:"
              + " networks whose hidden units are not all dead");
    }
    List<Runs> all = settle(random.nextLong(), looks);
    Course noiseless = all.getFirst().courses()[0];
    List<Runs> noisy = all.subList(1, all.size());
    List<Table> tables = List.of(noiseless(noiseless), noisy(noisy), floor(noiseless, noisy));
    scalars.put("smoothness", Uncertain.exact(smoothness));
    scalars.put("gradientVariance", Uncertain.exact(largest(all, VisitedRegion::largestVariance)));
    scalars.put(
        "meanGradientVariance",
        Uncertain.exact(
            all.stream()
                .mapToDouble(runs -> runs.region().meanVariance())
                .average()
                .orElseThrow()));
    double curvature = largest(all, VisitedRegion::smoothness);
    return new Measurement(
        scalars,
        new Details(fall, 1 / smoothness, curvature, rounds, comparisons),
        tables,
        Map.of());
  }

  private static double largest(List<Runs> all, ToDoubleFunction<VisitedRegion> figure) {
    return all.stream()
        .mapToDouble(runs -> figure.applyAsDouble(runs.region()))
        .max()
        .orElseThrow();
  }

  private void raise(double curvature) {
    smoothness = MARGIN * curvature;
  }

  /** All runs, at a step for which none of them met more curvature than L. */
  private List<Runs> settle(long seed, SplittableRandom looks) throws InterruptedException {
    int wanted = 1;
    while (rounds < MOST_ROUNDS) {
      rounds++;
      List<Runs> all = runs(wanted, new SplittableRandom(seed), looks);
      if (all != null && wanted == options.runs()) {
        return all;
      }
      if (all != null) {
        wanted = options.runs();
      }
    }
    throw new InvalidInputException(
        "%d times a descent met more curvature than its step 1/L allows, in the end L = %.3g"
                .formatted(rounds, smoothness)
            + "; allowed: fewer steps, or larger batchSizes");
  }

  /** Every run; null when one met more curvature than L, which is raised then. */
  private @Nullable List<Runs> runs(int each, SplittableRandom random, SplittableRandom looks)
      throws InterruptedException {
    List<Runs> all = new ArrayList<>();
    for (int b = -1; b < options.batchSizes().size(); b++) {
      int batch = b < 0 ? 0 : options.batchSizes().get(b);
      SplittableRandom own = random.split();
      VisitedRegion region = new VisitedRegion(objective, gradients);
      Course[] courses = new Course[batch == 0 ? 1 : each];
      for (int run = 0; run < courses.length; run++) {
        Course course = course(batch, region, own.split(), looks);
        if (course == null) {
          return null;
        }
        courses[run] = course;
      }
      all.add(new Runs(batch, courses, region));
    }
    return all;
  }

  private @Nullable Course course(
      int batch, VisitedRegion region, SplittableRandom random, SplittableRandom looks)
      throws InterruptedException {
    double[] met = {0};
    Course course =
        Course.run(
            objective,
            gradients,
            start,
            batch,
            1 / smoothness,
            options.steps(),
            random,
            (theta, gradient) -> {
              met[0] = look(region, theta, gradient, looks);
              return met[0] <= smoothness;
            });
    if (course == null) {
      // Where no look saw it coming, numbers ceased to be finite: the step is far too long.
      boolean seen = met[0] > smoothness && Double.isFinite(met[0]);
      raise(seen ? met[0] : 2 * smoothness);
    }
    return course;
  }

  private static double look(
      VisitedRegion region, float[] theta, float[] gradient, SplittableRandom random) {
    try {
      return region.look(theta, gradient, random);
    } catch (NonFiniteProductException overflow) {
      return Double.POSITIVE_INFINITY;
    }
  }

  /** The first part of the theorem's right-hand side. */
  private double bound(int count) {
    return 2 * smoothness * fall / count;
  }

  /** The second part. */
  private static double noise(Runs runs) {
    return runs.region().largestVariance() / runs.batch();
  }

  private Table noiseless(Course course) {
    Table.Builder table =
        new Table.Builder("noiseless", "steps", "average", "smallest", "bound", "looseness");
    List<Integer> steps = options.steps();
    int above = 0;
    for (int i = 0; i < steps.size(); i++) {
      double bound = bound(steps.get(i));
      double average = course.averages()[i];
      above += average > bound ? 1 : 0;
      table.row(steps.get(i), average, course.smallest()[i], bound, bound / average);
    }
    comparisons.add(
        Comparison.ofExceptions(
            "without noise, the average is within 2L(f₀ − f*)/K",
            above,
            steps.size(),
            "averages are above the bound"));
    scalars.put("averageSlope", slope(course.averages()));
    scalars.put("smallestSlope", slope(course.smallest()));
    return table.build();
  }

  /** Slope between the last two K, in logarithms; without noise nothing about it is uncertain. */
  private Uncertain slope(double[] values) {
    List<Integer> steps = options.steps();
    int last = steps.size() - 1;
    return Uncertain.exact(
        Math.log(values[last] / values[last - 1])
            / Math.log((double) steps.get(last) / steps.get(last - 1)));
  }

  private Table noisy(List<Runs> noisy) {
    Table.Builder table =
        new Table.Builder(
            "noisy",
            "batchSize",
            "steps",
            "average",
            "averageError",
            "averageLow",
            "averageHigh",
            "smallest",
            "smallestError",
            "bound",
            "looseness");
    double tightest = Double.POSITIVE_INFINITY;
    double loosest = 0;
    for (Runs runs : noisy) {
      int batch = runs.batch();
      Uncertain worst = Uncertain.exact(0);
      for (int i = 0; i < options.steps().size(); i++) {
        int at = i;
        Uncertain average = runs.mean(course -> course.averages()[at]);
        Uncertain smallest = runs.mean(course -> course.smallest()[at]);
        double bound = bound(options.steps().get(i)) + noise(runs);
        double half = average.halfWidth(options.confidence());
        tightest = Math.min(tightest, bound / average.value());
        loosest = Math.max(loosest, bound / average.value());
        if (i == 0 || high(average.times(1 / bound)) > high(worst)) {
          worst = average.times(1 / bound);
        }
        table.row(
            batch,
            options.steps().get(i),
            average.value(),
            average.standardError(),
            average.value() - half,
            average.value() + half,
            smallest.value(),
            smallest.standardError(),
            bound,
            bound / average.value());
      }
      comparisons.add(within(batch, worst));
    }
    scalars.put("tightestLooseness", Uncertain.exact(tightest));
    scalars.put("loosestLooseness", Uncertain.exact(loosest));
    return table.build();
  }

  private double high(Uncertain value) {
    return value.value() + value.halfWidth(options.confidence());
  }

  /** Whether the average over its bound is at most 1, at the K where it is nearest to that. */
  private Comparison within(int batch, Uncertain ratio) {
    double half = ratio.halfWidth(options.confidence());
    double low = ratio.value() - half;
    double high = ratio.value() + half;
    Verdict verdict = high <= 1 ? Verdict.AGREES : low > 1 ? Verdict.DISAGREES : Verdict.UNDECIDED;
    String outcome =
        switch (verdict) {
          case AGREES -> "is below 1";
          case DISAGREES -> "is above 1";
          case UNDECIDED -> "reaches over 1";
        };
    return new Comparison(
        "largest average over its bound 2L(f₀ − f*)/K + σ²/B, at most 1, batch size " + batch,
        ratio.value(),
        low,
        high,
        1,
        0,
        verdict,
        String.format(Locale.ROOT, "the interval %.3g to %.3g %s", low, high, outcome));
  }

  private Table floor(Course noiseless, List<Runs> noisy) {
    Table.Builder table =
        new Table.Builder(
            "floor",
            "batchSize",
            "floor",
            "floorError",
            "added",
            "addedError",
            "addedLow",
            "addedHigh",
            "bound");
    double[] batches = new double[noisy.size()];
    double[] added = new double[batches.length];
    double[] errors = new double[batches.length];
    boolean positive = true;
    for (int b = 0; b < batches.length; b++) {
      Runs runs = noisy.get(b);
      Uncertain floor = runs.mean(Course::tail);
      Uncertain noise = floor.plus(-noiseless.tail());
      double half = noise.halfWidth(options.confidence());
      batches[b] = Math.log(runs.batch());
      added[b] = Math.log(noise.value());
      errors[b] = noise.standardError() / noise.value();
      positive &= noise.value() > 0 && noise.standardError() > 0;
      table.row(
          runs.batch(),
          floor.value(),
          floor.standardError(),
          noise.value(),
          noise.standardError(),
          noise.value() - half,
          noise.value() + half,
          noise(runs));
    }
    Uncertain slope =
        positive
            ? LineFit.weighted(batches, added, errors).slope()
            : Uncertain.of(Double.NaN, List.of(), false);
    scalars.put("floorSlope", slope);
    scalars.put("floorSlopePredicted", Uncertain.exact(-1));
    comparisons.add(
        Comparison.of(
            "log–log slope in B of what noise adds to ‖∇f‖², −1 if the noise were the same everywhere",
            slope,
            -1,
            FLOOR_TOLERANCE,
            FLOOR_RESOLUTION,
            options.confidence()));
    return table.build();
  }
}
