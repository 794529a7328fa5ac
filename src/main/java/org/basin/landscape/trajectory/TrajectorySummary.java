package org.basin.landscape.trajectory;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;

/**
 * The figures of a whole training, from its looks.
 *
 * <p>What is looked at are some steps in place of all: the part of an error that comes from there
 * is of the source {@link Source#SUBSAMPLE}.
 */
final class TrajectorySummary {
  private TrajectorySummary() {}

  /**
   * The figures.
   *
   * @param looks in the order of their steps, at least one
   */
  static SequencedMap<String, Uncertain> of(List<Look> looks) {
    Look last = looks.getLast();
    Uncertain initial = looks.getFirst().sharpness();
    Uncertain largest = largest(looks.stream().map(Look::sharpness).toList());
    SequencedMap<String, Uncertain> scalars = new LinkedHashMap<>();
    scalars.put("finalRatio", last.ratio());
    scalars.put("lateRatio", lateRatio(looks));
    scalars.put("edgeReached", edgeReached(looks));
    scalars.put("largestSharpness", largest);
    scalars.put("progressiveSharpening", quotient(largest, initial));
    scalars.put("finalNoiseScale", last.noiseScale());
    scalars.put("finalDistance", Uncertain.exact(last.distance()));
    scalars.put(
        "largestSmoothness",
        largest(looks.stream().map(look -> look.steps().smoothness()).toList()));
    return scalars;
  }

  private static Uncertain largest(List<Uncertain> values) {
    Uncertain largest = Look.UNKNOWN;
    for (Uncertain value : values) {
      if (value.value() > largest.value() || Double.isNaN(largest.value())) {
        largest = value;
      }
    }
    return largest;
  }

  /**
   * The first step that was looked at with a ratio of 1 or more. The edge was reached since the
   * look before: the error is the root mean square distance from a step anywhere between, gap / √3.
   */
  static Uncertain edgeReached(List<Look> looks) {
    long before = looks.getFirst().step();
    for (Look look : looks) {
      if (look.ratio().value() >= 1) {
        double gap = (double) (look.step() - before);
        return Uncertain.of(
            (double) look.step(),
            List.of(Contribution.known(Source.SUBSAMPLE, gap / Math.sqrt(3))),
            look.ratio().converged());
      }
      before = look.step();
    }
    return Look.UNKNOWN;
  }

  /**
   * The mean ratio over the looks in the last quarter of the steps. Neighbouring looks resemble
   * each other: with their correlation ρ, where it is positive, m of them tell as much as m (1−ρ) /
   * (1+ρ) independent ones (the first-order autoregressive series), and the standard error is s / √
   * of that.
   */
  static Uncertain lateRatio(List<Look> looks) {
    double from = 0.75 * looks.getLast().step();
    List<Uncertain> late =
        looks.stream()
            .filter(look -> look.step() >= from)
            .map(Look::ratio)
            .filter(ratio -> !Double.isNaN(ratio.value()))
            .toList();
    if (late.isEmpty()) {
      return Look.UNKNOWN;
    }
    double[] series = late.stream().mapToDouble(Uncertain::value).toArray();
    if (series.length < 2) {
      return Uncertain.of(series[0], List.of(), false);
    }
    double mean = 0;
    for (double value : series) {
      mean += value / series.length;
    }
    double squares = 0;
    double neighbours = 0;
    double measured = 0; // mean square error of the single ratios
    for (int i = 0; i < series.length; i++) {
      squares += (series[i] - mean) * (series[i] - mean);
      neighbours += i == 0 ? 0 : (series[i] - mean) * (series[i - 1] - mean);
      measured += late.get(i).standardError() * late.get(i).standardError() / series.length;
    }
    double correlation = squares == 0 ? 0 : Math.max(0, neighbours / squares);
    double independent = series.length * (1 - correlation) / (1 + correlation);
    double spread = Math.sqrt(squares / (series.length - 1) / independent);
    return Uncertain.of(
        mean,
        List.of(
            new Contribution(Source.SUBSAMPLE, spread, Math.max(1, independent - 1)),
            // Taken as common to all: residuals bound from one side.
            Contribution.known(Source.RESIDUAL, Math.sqrt(measured))),
        late.stream().allMatch(Uncertain::converged));
  }

  /** a / b, each part's error in proportion. */
  private static Uncertain quotient(Uncertain a, Uncertain b) {
    if (!(b.value() > 0)) {
      return Look.UNKNOWN;
    }
    double value = a.value() / b.value();
    Uncertain quotient = a.times(1 / b.value());
    for (Contribution part : b.sources()) {
      quotient =
          quotient.with(
              new Contribution(
                  part.source(),
                  Math.abs(value) * part.standardError() / b.value(),
                  part.degreesOfFreedom()));
    }
    return Uncertain.of(quotient.value(), quotient.sources(), a.converged() && b.converged());
  }
}
