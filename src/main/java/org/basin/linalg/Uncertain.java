package org.basin.linalg;

import java.util.ArrayList;
import java.util.List;
import org.basin.InvalidInputException;
import org.hipparchus.distribution.continuous.TDistribution;

/**
 * A measured number: its value, its standard error, where that comes from, and whether the
 * computation converged.
 *
 * @param value the estimate
 * @param standardError √(Σ s_i²) over the sources, which are independent; 0 for an exact value
 * @param sources where the error comes from; empty for an exact value
 * @param converged false: the value is what was reached, not an estimate of what was asked for
 */
public record Uncertain(
    double value, double standardError, List<Contribution> sources, boolean converged) {

  /** Where an error comes from. */
  public enum Source {
    /** The random vectors of a stochastic estimate. */
    PROBES,
    /**
     * What an iteration has left: of H v − λ v, of an ascent, of a bisection, of a maximum over a
     * grid; a bound, taken for a standard error.
     */
    RESIDUAL,
    /** Lanczos nodes in place of the eigenvalues. */
    QUADRATURE,
    /** Float32 products. */
    ROUNDING,
    /** Some examples, or some steps of a training, in place of all. */
    SUBSAMPLE,
    /** Replicas that differ in nothing but the seed. */
    SEEDS
  }

  /**
   * One source's part of a standard error.
   *
   * @param source where it comes from
   * @param standardError s_i, at least 0
   * @param degreesOfFreedom of s_i as an estimate: draws − 1; infinite where it is no estimate
   */
  public record Contribution(Source source, double standardError, double degreesOfFreedom) {
    public Contribution {
      if (!(standardError >= 0 && degreesOfFreedom > 0)) {
        throw new InvalidInputException(
            "a standard error of "
                + standardError
                + " with "
                + degreesOfFreedom
                + " degrees of freedom: at least 0, with more than 0, is allowed");
      }
    }

    /** A part that is known, not estimated from draws. */
    public static Contribution known(Source source, double standardError) {
      return new Contribution(source, standardError, Double.POSITIVE_INFINITY);
    }
  }

  public Uncertain {
    sources = List.copyOf(sources);
  }

  /** A value without error. */
  public static Uncertain exact(double value) {
    return of(value, List.of(), true);
  }

  /** A value whose standard error is that of its sources together. */
  public static Uncertain of(double value, List<Contribution> sources, boolean converged) {
    double squares = 0;
    for (Contribution part : sources) {
      squares += part.standardError() * part.standardError();
    }
    return new Uncertain(value, Math.sqrt(squares), sources, converged);
  }

  /**
   * Mean of independent draws with its standard error s / √m, s² = Σ (x − mean)² / (m − 1).
   *
   * @throws InvalidInputException below two draws, which tell nothing about their spread
   */
  public static Uncertain mean(double[] draws, Source source) {
    int count = draws.length;
    if (count < 2) {
      throw new InvalidInputException(
          "a standard error from " + count + " draws: at least 2 are needed");
    }
    double sum = 0;
    for (double draw : draws) {
      sum += draw;
    }
    double mean = sum / count;
    double squares = 0;
    for (double draw : draws) {
      squares += (draw - mean) * (draw - mean);
    }
    double error = Math.sqrt(squares / (count - 1) / count);
    return of(mean, List.of(new Contribution(source, error, count - 1)), true);
  }

  /** The same with one more source of error. */
  public Uncertain with(Contribution source) {
    List<Contribution> all = new ArrayList<>(sources);
    all.add(source);
    return of(value, all, converged);
  }

  /** factor · value, the errors with it. */
  public Uncertain times(double factor) {
    return of(
        factor * value,
        sources.stream()
            .map(
                part ->
                    new Contribution(
                        part.source(),
                        Math.abs(factor) * part.standardError(),
                        part.degreesOfFreedom()))
            .toList(),
        converged);
  }

  /** value + constant, which is known without error. */
  public Uncertain plus(double constant) {
    return new Uncertain(value + constant, standardError, sources, converged);
  }

  /**
   * Half the width of the interval that covers the truth with this probability: Student's t
   * quantile times the standard error, its degrees of freedom after Welch and Satterthwaite (1947),
   * ν = s⁴ / Σ (s_i⁴ / ν_i).
   *
   * @param probability such as 0.95, above 0 and below 1
   */
  public double halfWidth(double probability) {
    if (!(probability > 0 && probability < 1)) {
      throw new InvalidInputException(
          "an interval of probability " + probability + ": above 0 and below 1 is allowed");
    }
    if (standardError == 0) {
      return 0;
    }
    double inverse = 0;
    for (Contribution part : sources) {
      double share = part.standardError() / standardError;
      inverse += share * share * share * share / part.degreesOfFreedom();
    }
    // With a million degrees of freedom, Student's t is normal to six digits.
    double degrees = 1 / Math.max(inverse, 1e-6);
    return standardError
        * new TDistribution(degrees).inverseCumulativeProbability((1 + probability) / 2);
  }
}
