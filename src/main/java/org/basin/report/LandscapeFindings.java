package org.basin.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.basin.measurement.Verdict;

/** What the probes' figures say in words. */
final class LandscapeFindings {
  /** With more series than this, the page's head does not tell them one by one. */
  private static final int MOST_SERIES_TOLD = 3;

  /** Smaller exponents are printed as 0.00. */
  private static final double LEAST_SHOWN = 0.005;

  private LandscapeFindings() {}

  /** How a figure goes with the axis: {@code rises with width: slope 0.42 (0.35 to 0.49)}. */
  static String trend(String scalar, SweepAxis axis, ScalarCurve curve) {
    LogLogSlope slope = curve.slope();
    boolean magnitude =
        curve.estimates().stream().anyMatch(estimate -> estimate.mean().value() < 0);
    String name = (magnitude ? "magnitude of " : "") + Wording.words(scalar);
    String interval =
        Wording.signed(slope.slope())
            + " ("
            + Wording.signed(slope.low())
            + " to "
            + Wording.signed(slope.high())
            + ")";
    if (Math.max(Math.abs(slope.low()), Math.abs(slope.high())) < LEAST_SHOWN) {
      return name + " does not change with " + axis.label() + ": slope " + interval;
    }
    if (!slope.isClear()) {
      return name + " has no clear trend with " + axis.label() + ": slope " + interval;
    }
    return name
        + (slope.slope() > 0 ? " rises with " : " falls with ")
        + axis.label()
        + ": slope "
        + interval;
  }

  /**
   * Sentences for the head of the page: of each probe its first figure, whether it has a trend or
   * not, since a choice among many figures would find a trend by chance; every figure of whose
   * exponent theory says something; what its comparisons with theory say; what did not converge.
   */
  static List<String> sentences(Sweep sweep, List<ProbeScalars> probes) {
    List<String> sentences = new ArrayList<>();
    for (ProbeScalars probe : probes) {
      if (sweep.axis().isNumeric() && sweep.series().size() <= MOST_SERIES_TOLD) {
        for (int i = 0; i < sweep.series().size(); i++) {
          addTrend(sentences, sweep, probe, i);
        }
      }
      addLaws(sentences, sweep, probe);
      ProbeComparisons comparisons = ProbeComparisons.of(sweep, probe.probe());
      if (!comparisons.isEmpty()) {
        sentences.add(
            Wording.capital(Wording.words(probe.probe()))
                + " probe: "
                + comparisons.summary()
                + ".");
      }
      int notConverged =
          probe.curves().values().stream()
              .flatMap(List::stream)
              .mapToInt(ScalarCurve::notConverged)
              .sum();
      if (notConverged > 0) {
        sentences.add(
            Wording.capital(Wording.words(probe.probe()))
                + " probe: "
                + Wording.plural(notConverged, "value")
                + " did not converge and "
                + (notConverged == 1 ? "is" : "are")
                + " in no mean.");
      }
    }
    return List.copyOf(sentences);
  }

  private static void addTrend(
      List<String> sentences, Sweep sweep, ProbeScalars probe, int series) {
    if (probe.curves().isEmpty()) {
      return;
    }
    var headline = probe.curves().firstEntry();
    ScalarCurve curve = headline.getValue().get(series);
    if (!curve.slope().isGiven() || curve.law() != null) {
      return;
    }
    sentences.add(trend(sweep, probe, headline.getKey(), series) + ".");
  }

  /** One a series; with many series, one that counts in how many the law holds. */
  private static void addLaws(List<String> sentences, Sweep sweep, ProbeScalars probe) {
    probe
        .curves()
        .forEach(
            (scalar, curves) -> {
              List<ScalarLaw> laws =
                  curves.stream().map(ScalarCurve::law).filter(Objects::nonNull).toList();
              if (sweep.series().size() > MOST_SERIES_TOLD && !laws.isEmpty()) {
                sentences.add(counted(scalar, laws, probe));
                return;
              }
              for (int i = 0; i < curves.size(); i++) {
                ScalarLaw law = curves.get(i).law();
                if (law != null) {
                  sentences.add(trend(sweep, probe, scalar, i) + "; " + law.verdict() + ".");
                }
              }
            });
  }

  private static String counted(String scalar, List<ScalarLaw> laws, ProbeScalars probe) {
    long holds = laws.stream().filter(law -> law.comparison().verdict() == Verdict.AGREES).count();
    long excluded =
        laws.stream().filter(law -> law.comparison().verdict() == Verdict.DISAGREES).count();
    return "The interval of the slope of "
        + Wording.words(scalar)
        + " holds theory's in "
        + holds
        + " of "
        + Wording.plural(laws.size(), "comparison")
        + " and excludes it in "
        + excluded
        + " ("
        + Wording.words(probe.probe())
        + " probe).";
  }

  private static String trend(Sweep sweep, ProbeScalars probe, String scalar, int series) {
    ScalarCurve curve = probe.curves().getOrDefault(scalar, List.of()).get(series);
    String trend = trend(scalar, sweep.axis(), curve);
    String label = sweep.series().get(series).label();
    return (label.isEmpty() ? Wording.capital(trend) : "With " + label + ", " + trend)
        + ", log–log over "
        + curve.slope().points()
        + " points ("
        + Wording.words(probe.probe())
        + " probe)";
  }
}
