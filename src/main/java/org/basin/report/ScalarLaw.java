package org.basin.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Set;
import org.basin.landscape.ProbeKind;
import org.basin.measurement.Comparison;
import org.basin.measurement.Law;
import org.basin.store.CompletedReplica;
import org.jspecify.annotations.Nullable;

/**
 * A fitted exponent of width beside the one that theory predicts.
 *
 * @param law what theory says
 * @param comparison of the fitted exponent with it
 * @param logFactor ln a of the line |y| = a x^exponent through the geometric centre of the measured
 *     points
 */
record ScalarLaw(Law law, Comparison comparison, double logFactor) {
  private static final Set<String> WIDTH_KEYS = Set.of("model.width", "width");

  /** An interval with a wider half says nothing of an exponent. */
  private static final double RESOLUTION = 0.5;

  private static final double CONFIDENCE = 0.95;

  /**
   * The law of a figure along a series; null where the axis is not width, nothing is predicted of
   * its networks, or no exponent could be fitted.
   */
  static @Nullable ScalarLaw of(
      @Nullable ProbeKind<?> kind,
      String scalar,
      SweepAxis axis,
      SweepSeries series,
      LogLogSlope slope) {
    if (kind == null || !WIDTH_KEYS.contains(axis.key()) || !slope.isGiven()) {
      return null;
    }
    for (Law law : kind.laws()) {
      if (law.scalar().equals(scalar) && isAbout(law.given(), series)) {
        Comparison comparison =
            Comparison.of(
                Wording.words(scalar),
                slope.slope(),
                slope.low(),
                slope.high(),
                law.exponent(),
                0,
                RESOLUTION,
                CONFIDENCE);
        // The fitted line goes through the centre as well: v̄ = ln a + b ū.
        double logFactor = slope.logFactor() + (slope.slope() - law.exponent()) * slope.meanLog();
        return new ScalarLaw(law, comparison, logFactor);
      }
    }
    return null;
  }

  /** Whether every network of the series has these settings. */
  private static boolean isAbout(Map<String, String> given, SweepSeries series) {
    return series.points().stream()
        .flatMap(point -> point.replicas().stream())
        .allMatch(
            replica ->
                given.entrySet().stream()
                    .allMatch(each -> has(replica, each.getKey(), each.getValue())));
  }

  private static boolean has(CompletedReplica replica, String path, String text) {
    JsonNode node = replica.result().config().at("/" + path.replace('.', '/'));
    return (node.isNumber() && isNumber(text))
        ? node.asDouble() == Double.parseDouble(text)
        : node.asText().equals(text);
  }

  private static boolean isNumber(String text) {
    return text.matches("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?");
  }

  /**
   * What the measurement says of it: {@code theory says −0.50 as width grows; …}. A law of a limit
   * is not refuted by finite widths that are not there yet.
   */
  String verdict() {
    return "theory says "
        + Wording.signed(law.exponent())
        + " as width grows; the interval at these widths "
        + switch (comparison.verdict()) {
          case AGREES -> "holds it";
          case DISAGREES -> "excludes it";
          case UNDECIDED -> "is too wide to say";
        };
  }
}
