package org.basin.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;
import org.jspecify.annotations.Nullable;

/**
 * A probe's figure over the seeds of one point: the mean of those that converged and are finite,
 * with the errors of both kinds.
 *
 * <p>The spread over seeds, s / √k with k − 1 degrees of freedom, holds the errors of random
 * vectors already, which seeds draw independently. Every other error (residuals, quadrature,
 * rounding, examples) is taken to be common to the seeds, so that a mean does not lessen it: its
 * mean square is added. The interval is Student's t with the degrees of freedom of the sum ({@link
 * Uncertain#halfWidth}).
 *
 * @param mean over seeds with its standard error; with one seed that seed's value and error; NaN
 *     when there is none
 * @param count seeds in the mean, k
 * @param notConverged seeds left out because their value did not converge
 * @param notFinite seeds left out because their value converged but is not finite
 * @param variances by source, of the mean; {@link Source#SEEDS} is what random vectors leave of the
 *     spread
 */
record ScalarEstimate(
    Uncertain mean, int count, int notConverged, int notFinite, Map<Source, Double> variances) {
  private static final double PROBABILITY = 0.95;

  /** Estimates from one value a seed. */
  static ScalarEstimate of(List<Uncertain> seeds) {
    List<Uncertain> counted = new ArrayList<>();
    int notConverged = 0;
    int notFinite = 0;
    for (Uncertain seed : seeds) {
      if (!seed.converged()) {
        notConverged++;
      } else if (!Double.isFinite(seed.value())) {
        notFinite++;
      } else {
        counted.add(seed);
      }
    }
    Uncertain mean = mean(counted);
    return new ScalarEstimate(
        mean, counted.size(), notConverged, notFinite, variances(mean, counted));
  }

  private static Uncertain mean(List<Uncertain> seeds) {
    if (seeds.size() < 2) {
      return seeds.isEmpty() ? Uncertain.of(Double.NaN, List.of(), false) : seeds.getFirst();
    }
    double[] values = seeds.stream().mapToDouble(Uncertain::value).toArray();
    if (Arrays.stream(values).allMatch(value -> value == values[0])) {
      // No spread: a sum over k divided by k may differ from each in its last digit.
      return common(Uncertain.exact(values[0]), seeds);
    }
    return common(Uncertain.mean(values, Source.SEEDS), seeds);
  }

  /** {@code mean} with the errors that are common to the seeds. */
  private static Uncertain common(Uncertain mean, List<Uncertain> seeds) {
    Map<Source, Double> squares = new EnumMap<>(Source.class);
    Map<Source, Double> degrees = new EnumMap<>(Source.class);
    for (Uncertain seed : seeds) {
      for (Contribution part : seed.sources()) {
        squares.merge(part.source(), square(part.standardError()), Double::sum);
        degrees.merge(part.source(), part.degreesOfFreedom(), Math::min);
      }
    }
    squares.remove(Source.PROBES);
    Uncertain all = mean;
    for (Map.Entry<Source, Double> part : squares.entrySet()) {
      double error = Math.sqrt(part.getValue() / seeds.size());
      if (error > 0) {
        all =
            all.with(
                new Contribution(part.getKey(), error, degrees.getOrDefault(part.getKey(), 1.0)));
      }
    }
    return all;
  }

  private static Map<Source, Double> variances(Uncertain mean, List<Uncertain> seeds) {
    Map<Source, Double> variances = new EnumMap<>(Source.class);
    for (Contribution part : mean.sources()) {
      variances.merge(part.source(), square(part.standardError()), Double::sum);
    }
    if (seeds.size() > 1) {
      double probes = 0;
      for (Uncertain seed : seeds) {
        for (Contribution part : seed.sources()) {
          probes += part.source() == Source.PROBES ? square(part.standardError()) : 0;
        }
      }
      probes /= square(seeds.size());
      double spread = variances.getOrDefault(Source.SEEDS, 0.0);
      if (probes > 0) {
        variances.put(Source.PROBES, Math.min(probes, spread));
        variances.put(Source.SEEDS, Math.max(0, spread - probes));
      }
    }
    return variances;
  }

  private static double square(double value) {
    return value * value;
  }

  /** Whether there is an interval over seeds: at least two. */
  boolean hasInterval() {
    return count >= 2;
  }

  /** Half the width of the 95 % interval; NaN with one seed, which tells nothing of the others. */
  double halfWidth() {
    return hasInterval() ? mean.halfWidth(PROBABILITY) : Double.NaN;
  }

  /** The source of the greatest part of the mean's variance; null where there is no variance. */
  @Nullable Source dominant() {
    Source dominant = null;
    double greatest = 0;
    for (Map.Entry<Source, Double> part : variances.entrySet()) {
      if (part.getValue() > greatest) {
        greatest = part.getValue();
        dominant = part.getKey();
      }
    }
    return dominant;
  }

  /** The dominant source's share of the variance; NaN where there is no variance. */
  double dominantShare() {
    Source dominant = dominant();
    double sum = variances.values().stream().mapToDouble(Double::doubleValue).sum();
    return dominant == null ? Double.NaN : variances.getOrDefault(dominant, 0.0) / sum;
  }
}
