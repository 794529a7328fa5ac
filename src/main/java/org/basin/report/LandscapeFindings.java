package org.basin.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the probes' figures say in words. */
final class LandscapeFindings {
  /** With more series than this, the page's head does not tell them one by one. */
  private static final int MOST_SERIES_TOLD = 3;

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
   * not, since a choice among many figures would find a trend by chance; and what did not converge.
   */
  static List<String> sentences(Sweep sweep, List<ProbeScalars> probes) {
    List<String> sentences = new ArrayList<>();
    for (ProbeScalars probe : probes) {
      if (sweep.axis().isNumeric() && sweep.series().size() <= MOST_SERIES_TOLD) {
        for (int i = 0; i < sweep.series().size(); i++) {
          addTrend(sentences, sweep, probe, i);
        }
      }
      int notConverged =
          probe.curves().values().stream()
              .flatMap(List::stream)
              .mapToInt(ScalarCurve::notConverged)
              .sum();
      if (notConverged > 0) {
        sentences.add(
            capital(Wording.words(probe.probe()))
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
    if (!curve.slope().isGiven()) {
      return;
    }
    String trend = trend(headline.getKey(), sweep.axis(), curve);
    String label = sweep.series().get(series).label();
    sentences.add(
        (label.isEmpty() ? capital(trend) : "With " + label + ", " + trend)
            + ", log–log over "
            + curve.slope().points()
            + " points ("
            + Wording.words(probe.probe())
            + " probe).");
  }

  private static String capital(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }
}
