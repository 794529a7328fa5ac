package org.basin.landscape.saddle;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import org.basin.landscape.BatchGradients;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Source;
import org.basin.measurement.Comparison;
import org.basin.measurement.Table;
import org.basin.theory.GradientDescent;
import org.basin.theory.LinearEscape;
import org.basin.theory.PerturbedGradientDescent;
import org.basin.theory.PerturbedGradientDescent.Constants;
import org.basin.theory.StepRule;
import org.basin.train.Objective;
import org.hipparchus.special.Gamma;

/**
 * How long optimisers take to leave a network's saddle, against what its λ_min alone predicts. With
 * u the displacement along its eigenvector v, and g = 1 + η|λ_min|:
 *
 * <ul>
 *   <li>gradient descent from a small random displacement: |u| grows by g a step, and is beyond r
 *       after ln(r/|u_0|) / ln g steps;
 *   <li>SGD from the saddle itself: E[u²] ← g² E[u²] + η² s²/B, with s² the variance of v·∇l_i over
 *       examples; its mean first passage of {@link LinearEscape}; where s is as good as 0, as where
 *       all weights are, there is no law and nothing is compared;
 *   <li>perturbed gradient descent from the saddle: as from a random point of its ball.
 * </ul>
 *
 * <p>η is 1/‖H‖, for SGD at most such that one step's noise ηs/√B is r/20.
 */
final class Escapes {
  /** Displacements over r: of them u is a share of about 1/√P. */
  private static final double DISPLACEMENT = 0.1;

  /** More do not say much more about their variance. */
  private static final int MOST_EXAMPLES = 5000;

  private static final double NOISE = 0.05;

  /**
   * Noise along the way out, over that of a random direction, below which mini-batches as good as
   * make none, as at the origin of a linear network: what is left is rounding and the curvature's
   * own noise from batch to batch, of which the law knows nothing.
   */
  private static final double LEAST_NOISE = 1e-3;

  /** Steps of a run: beyond, the way out is too flat to be walked. */
  private static final int MOST_STEPS = 2000;

  private static final Uncertain UNKNOWN = Uncertain.of(Double.NaN, List.of(), false);

  /** Half-intervals wider than this share of what is predicted say nothing. */
  private static final double RESOLUTION = 0.2;

  private static final double SQUARE_RESOLUTION = 0.5;

  private final Saddle saddle;
  private final Objective objective;
  private final BatchGradients gradients;
  private final SaddleOptions options;
  private final SequencedMap<String, Uncertain> scalars;
  private final List<Comparison> comparisons;
  private final double stepSize;
  private final double growth;
  private final List<Table> tables = new ArrayList<>();

  /**
   * The ways out of one saddle.
   *
   * @param scalars receives what is measured and predicted
   * @param comparisons receives what is compared
   */
  Escapes(
      Saddle saddle,
      Objective objective,
      BatchGradients gradients,
      SaddleOptions options,
      SequencedMap<String, Uncertain> scalars,
      List<Comparison> comparisons) {
    this.saddle = saddle;
    this.objective = objective;
    this.gradients = gradients;
    this.options = options;
    this.scalars = scalars;
    this.comparisons = comparisons;
    stepSize = 1 / saddle.norm();
    growth = 1 + stepSize * saddle.curvature();
  }

  /** Every way; the tables {@code descent}, {@code growth} and {@code noise}. */
  List<Table> measure(SplittableRandom random) throws InterruptedException {
    descent(random.split());
    noise(random.split());
    perturbed(random.split());
    return tables;
  }

  private StepRule descent() {
    return GradientDescent.exact(new ObjectiveFunction(objective), stepSize);
  }

  private int limit(double growthThere, double smallest) {
    return (int) Math.min(MOST_STEPS, 100 + 4 * Math.log(1 / smallest) / Math.log(growthThere));
  }

  /** By how much the curvature's change moves ln g, relatively. */
  private double tolerance(double growthThere) {
    return Math.log1p((growthThere - 1) * (1 + saddle.change())) / Math.log(growthThere) - 1;
  }

  private void descent(SplittableRandom random) throws InterruptedException {
    int runs = options.escapes();
    int dimension = saddle.theta().length;
    double radius = saddle.radius();
    int limit = limit(growth, DISPLACEMENT / Math.sqrt(dimension) / 100);
    Table.Builder table =
        new Table.Builder(
            "descent", "run", "start", "steps", "predictedSteps", "growth", "predictedGrowth");
    double[] rates = new double[runs];
    double[] ratios = new double[runs];
    double[] steps = new double[runs];
    double[] predictions = new double[runs];
    List<double[]> logs = new ArrayList<>();
    boolean all = true;
    for (int run = 0; run < runs; run++) {
      double[] x = saddle.point();
      double[] moved = Directions.sphere(dimension, DISPLACEMENT * radius, random.split());
      for (int i = 0; i < dimension; i++) {
        x[i] += moved[i];
      }
      double start = Math.abs(saddle.along(x));
      double[] way = way(descent(), x, limit);
      logs.add(way);
      predictions[run] = LinearEscape.deterministicSteps(growth, start, radius);
      boolean out = way[way.length - 1] > radius;
      all &= out;
      int inside = out ? way.length - 2 : way.length - 1;
      rates[run] = inside > 0 ? Math.log(way[inside] / start) / inside : Double.NaN;
      steps[run] = out ? way.length - 1 : Double.NaN;
      ratios[run] = steps[run] / predictions[run];
      table.row(run, start, steps[run], predictions[run], rates[run], Math.log(growth));
    }
    tables.add(table.build());
    tables.add(growthTable(logs));
    double log = Math.log(growth);
    tell(
        "growthRate",
        rates,
        log,
        "growth of ln|u| in a step of gradient descent, u the distance along v",
        all,
        growth);
    scalars.put("descentSteps", mean(steps, all));
    scalars.put("descentStepsPredicted", Uncertain.mean(predictions, Source.SEEDS));
    comparisons.add(
        Comparison.of(
            "steps of gradient descent to leave, over ln(r/|u₀|)/ln(1 + η|λ|)",
            mean(ratios, all),
            1,
            tolerance(growth),
            RESOLUTION,
            options.confidence()));
  }

  /** |u_k| until it is beyond r, the last one with it. */
  private double[] way(StepRule rule, double[] x, int limit) throws InterruptedException {
    double[] way = new double[limit + 1];
    for (int step = 0; ; step++) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      way[step] = Math.abs(saddle.along(x));
      if (way[step] > saddle.radius() || step == limit || !rule.step(x)) {
        return Arrays.copyOf(way, step + 1);
      }
    }
  }

  /** Mean over runs of ln(|u_k|/|u_0|), for as long as all are inside. */
  private Table growthTable(List<double[]> ways) {
    int shortest = ways.stream().mapToInt(way -> way.length - 1).min().orElseThrow();
    Table.Builder table =
        new Table.Builder("growth", "stepAway", "growth", "low", "high", "predictedGrowth");
    for (int step = 0; step < shortest; step++) {
      int at = step;
      Uncertain log =
          Uncertain.mean(
              ways.stream().mapToDouble(way -> Math.log(way[at] / way[0])).toArray(), Source.SEEDS);
      double half = log.halfWidth(options.confidence());
      table.row(
          step,
          Math.exp(log.value()),
          Math.exp(log.value() - half),
          Math.exp(log.value() + half),
          Math.pow(growth, step));
    }
    return table.build();
  }

  private void noise(SplittableRandom random) throws InterruptedException {
    double[] squares = {0, 0, 0};
    int[] some = gradients.sample(MOST_EXAMPLES, random);
    gradients.forEach(
        saddle.theta(),
        some,
        one -> {
          double along = 0;
          for (int i = 0; i < one.length; i++) {
            along += (double) one[i] * saddle.out()[i];
            squares[2] += (double) one[i] * one[i] / one.length;
          }
          squares[0] += along;
          squares[1] += along * along;
        });
    int n = some.length;
    double deviation = Math.sqrt(Math.max(0, squares[1] / n - squares[0] * squares[0] / n / n));
    scalars.put("noiseAlong", Uncertain.exact(deviation));
    double batchDeviation = deviation / Math.sqrt(options.batchSize());
    double radius = saddle.radius();
    double step = Math.min(stepSize, NOISE * radius / batchDeviation);
    double growthHere = 1 + step * saddle.curvature();
    double noise = step * batchDeviation;
    boolean noisy = deviation > LEAST_NOISE * Math.sqrt(squares[2] / n);
    if (!noisy || noise < 1e-6 * radius) {
      scalars.put("noiseSteps", UNKNOWN);
      return;
    }
    LinearEscape law = new LinearEscape(growthHere, noise, 0);
    int limit = limit(growthHere, noise / radius / 100);
    int until = 1;
    while (until < limit && law.secondMoment(until + 1) < radius * radius / 4) {
      until++;
    }
    int runs = options.escapes();
    double[] times = new double[runs];
    double[][] u = new double[runs][until + 1];
    boolean all = true;
    for (int run = 0; run < runs; run++) {
      StepRule rule =
          new GradientDescent(saddle.theta().length, this::batchGradient, step, random.split());
      double[] x = saddle.point();
      times[run] = Double.NaN;
      for (int k = 0; k <= limit; k++) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        double along = saddle.along(x);
        if (k <= until) {
          u[run][k] = along;
        }
        if (Double.isNaN(times[run]) && Math.abs(along) > radius) {
          times[run] = k;
        }
        if (k >= until && !Double.isNaN(times[run])) {
          break;
        }
        rule.step(x);
      }
      all &= !Double.isNaN(times[run]);
    }
    squares(u, law);
    double predicted = meanPassage(law, radius, limit);
    tell("noiseSteps", times, predicted, "mean steps of SGD to leave", all, growthHere);
  }

  private void batchGradient(double[] x, SplittableRandom random, double[] gradient) {
    float[] there = new float[x.length];
    gradients.of(ObjectiveFunction.rounded(x), gradients.draw(options.batchSize(), random), there);
    for (int i = 0; i < x.length; i++) {
      gradient[i] = there[i];
    }
  }

  /**
   * E[T] of the first passage beyond r, from the exact law where its kernel is wide enough to be
   * summed, else from its limit for little noise.
   */
  private static double meanPassage(LinearEscape law, double radius, int limit) {
    if (law.noise() < LinearEscape.LEAST_RELATIVE_NOISE * radius) {
      return law.asymptoticMean(radius);
    }
    double mean = 0;
    for (double escaped : law.firstPassage(radius, limit)) {
      mean += 1 - escaped;
    }
    return mean;
  }

  /** E[u²] step by step against its recursion, as long as that is below r²/4. */
  private void squares(double[][] u, LinearEscape law) {
    int last = u[0].length - 1;
    Table.Builder table =
        new Table.Builder("noise", "stepAway", "meanSquare", "low", "high", "predictedMeanSquare");
    for (int step = 1; step <= last; step++) {
      Uncertain square = square(u, step);
      double half = square.halfWidth(options.confidence());
      table.row(
          step,
          square.value(),
          square.value() - half,
          square.value() + half,
          law.secondMoment(step));
    }
    tables.add(table.build());
    Uncertain ratio = square(u, last).times(1 / law.secondMoment(last));
    scalars.put("noiseMeanSquareRatio", ratio);
    // g^2k: what moves ln g by a share moves this by 2k times that.
    double tolerance = Math.expm1(2 * last * tolerance(law.growth()) * Math.log(law.growth()));
    comparisons.add(
        Comparison.of(
            "mean square of SGD's distance at the last step, over the predicted",
            ratio,
            1,
            tolerance,
            SQUARE_RESOLUTION,
            options.confidence()));
  }

  private static Uncertain square(double[][] u, int step) {
    return Uncertain.mean(
        Arrays.stream(u).mapToDouble(run -> run[step] * run[step]).toArray(), Source.SEEDS);
  }

  /**
   * From a point of a ball of d dimensions and radius ρ, (u_0/ρ)² ~ Beta(½, (d + 1)/2), so that E
   * ln|u_0| = ln ρ + (ψ(½) − ψ(d/2 + 1))/2 and E[T] ≈ (ln r − E ln|u_0|) / ln g + ½, with ½ for the
   * rounding up to whole steps.
   */
  private void perturbed(SplittableRandom random) throws InterruptedException {
    int dimension = saddle.theta().length;
    double radius = DISPLACEMENT * saddle.radius();
    double log =
        Math.log(DISPLACEMENT) + (Gamma.digamma(0.5) - Gamma.digamma(dimension / 2.0 + 1)) / 2;
    double predicted = -log / Math.log(growth) + 0.5;
    int limit = limit(growth, Math.exp(log) / 100);
    ObjectiveFunction function = new ObjectiveFunction(objective);
    double[] gradient = new double[dimension];
    function.gradient(saddle.point(), gradient);
    double norm = Math.sqrt(Arrays.stream(gradient).map(each -> each * each).sum());
    // A gradient as here counts as small, and nobody gives up before the limit.
    Constants constants = new Constants(stepSize, radius, norm, 0, limit + 1L);
    double[] times = new double[options.escapes()];
    boolean all = true;
    for (int run = 0; run < times.length; run++) {
      StepRule rule = new PerturbedGradientDescent(function, constants, random.split());
      double[] way = way(rule, saddle.point(), limit);
      boolean out = way[way.length - 1] > saddle.radius();
      all &= out;
      times[run] = out ? way.length - 1 : Double.NaN;
    }
    tell(
        "perturbedSteps",
        times,
        predicted,
        "mean steps of perturbed gradient descent to leave",
        all,
        growth);
  }

  /** A mean beside its prediction, and the comparison of both. */
  private void tell(
      String name,
      double[] draws,
      double predicted,
      String quantity,
      boolean all,
      double growthThere) {
    Uncertain mean = mean(draws, all);
    scalars.put(name, mean);
    scalars.put(name + "Predicted", Uncertain.exact(predicted));
    comparisons.add(
        Comparison.of(
            quantity,
            mean,
            predicted,
            tolerance(growthThere) * predicted,
            RESOLUTION * predicted,
            options.confidence()));
  }

  /** The mean; not converged where a run did not end, or left in its first step and has no rate. */
  private static Uncertain mean(double[] draws, boolean all) {
    return all && Arrays.stream(draws).allMatch(Double::isFinite)
        ? Uncertain.mean(draws, Source.SEEDS)
        : UNKNOWN;
  }
}
