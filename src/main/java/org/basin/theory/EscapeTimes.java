package org.basin.theory;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.function.Predicate;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;
import org.basin.measurement.Figure;
import org.basin.measurement.Figure.Axis;
import org.basin.measurement.Figure.Style;
import org.basin.measurement.Figure.Trace;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.hipparchus.distribution.discrete.BinomialDistribution;

/**
 * After how many steps each of many runs had escaped. Runs that had not within the limit are
 * censored: they count among the runs, as longer than any that did, and enter no mean.
 */
public final class EscapeTimes {
  /** The time of a run that did not escape within the limit. */
  public static final int NEVER = Integer.MAX_VALUE;

  private final int[] sorted;

  /**
   * The times of independent runs.
   *
   * @param times {@code [runs]}, {@link #NEVER} for a censored one
   */
  public EscapeTimes(int... times) {
    if (times.length == 0) {
      throw new IllegalArgumentException("no runs");
    }
    sorted = times.clone();
    Arrays.sort(sorted);
  }

  /**
   * Runs until x has escaped.
   *
   * @param x {@code [d]}, where it starts and, after, where it is
   * @return number of steps; {@link #NEVER} when the optimiser stopped before or did not get out
   */
  public static int run(StepRule rule, double[] x, Predicate<double[]> escaped, int limit) {
    for (int step = 0; step < limit; step++) {
      if (escaped.test(x)) {
        return step;
      }
      if (!rule.step(x)) {
        return NEVER;
      }
    }
    return escaped.test(x) ? limit : NEVER;
  }

  /**
   * A quantile between its order statistics.
   *
   * @param value smallest t with F(t) ≥ p; infinite when it is among the censored runs
   * @param low the interval's lower end; 0 where the runs are too few for one
   * @param high its upper end; infinite where runs are too few or censored
   */
  public record Quantile(double value, double low, double high) {

    /**
     * Half the interval over the normal quantile for a standard error; unconverged if it is open.
     */
    Uncertain uncertain(double confidence) {
      if (Double.isInfinite(high)) {
        return Uncertain.of(Double.isInfinite(value) ? Double.NaN : value, List.of(), false);
      }
      double error =
          (high - low)
              / 2
              / new NormalDistribution(0, 1).inverseCumulativeProbability((1 + confidence) / 2);
      return Uncertain.of(value, List.of(Contribution.known(Source.SEEDS, error)), true);
    }
  }

  /** Number of runs, the censored ones among them. */
  public int runs() {
    return sorted.length;
  }

  /** Number of runs that did not escape within the limit. */
  public int censored() {
    return sorted.length - atMost(NEVER - 1);
  }

  /**
   * Quantile p of the escape time and the interval between two order statistics that covers the
   * truth with at least this probability, whatever the distribution (David and Nagaraja 2003,
   * section 7.1).
   */
  public Quantile quantile(double p, double confidence) {
    int runs = sorted.length;
    BinomialDistribution below = new BinomialDistribution(runs, p);
    int low = below.inverseCumulativeProbability((1 - confidence) / 2);
    int high = below.inverseCumulativeProbability((1 + confidence) / 2) + 1;
    return new Quantile(
        at((int) Math.ceil(p * runs)), low == 0 ? 0 : at(low), high > runs ? infinity() : at(high));
  }

  private double at(int rank) {
    int time = sorted[Math.max(rank, 1) - 1];
    return time == NEVER ? infinity() : time;
  }

  private static double infinity() {
    return Double.POSITIVE_INFINITY;
  }

  /** Share of the runs that had escaped after this many steps. */
  public double share(int steps) {
    return (double) atMost(steps) / sorted.length;
  }

  private int atMost(int steps) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] <= steps) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Mean time; NaN and not converged when a run is censored, for then nobody knows it. */
  public Uncertain mean() {
    return censored() > 0
        ? Uncertain.of(Double.NaN, List.of(), false)
        : Uncertain.mean(Arrays.stream(sorted).asDoubleStream().toArray(), Source.SEEDS);
  }

  /**
   * sup |F_n(t) − F(t)| over t from 0 to {@code last}.
   *
   * @param law F
   */
  public double distance(IntToDoubleFunction law, int last) {
    double most = 0;
    for (int t = 0; t <= last; t++) {
      most = Math.max(most, Math.abs(share(t) - law.applyAsDouble(t)));
    }
    return most;
  }

  /**
   * Half the width of the band about F_n that covers all of F with this probability, √(ln(2/α) /
   * 2n), for distributions of any kind (Dvoretzky, Kiefer and Wolfowitz 1956; the constant: Massart
   * 1990).
   */
  public double band(double confidence) {
    return Math.sqrt(Math.log(2 / (1 - confidence)) / (2 * sorted.length));
  }

  /** How a table {@code <name>Distribution} of escape times is drawn: share that left by step. */
  static Figure figure(String title, String name, String text) {
    return new Figure(
        title,
        text,
        name + "Distribution",
        new Axis("steps", "steps", false),
        new Axis("", "share of the runs that have left", false),
        List.of(
            new Trace("measured", Style.MEASURED, "escaped", "low", "high"),
            new Trace("theory", Style.PREDICTED, "predictedEscaped")),
        null);
  }
}
