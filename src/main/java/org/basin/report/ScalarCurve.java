package org.basin.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.basin.landscape.ProbeKind;
import org.basin.linalg.Uncertain;
import org.basin.store.CompletedReplica;
import org.basin.store.ProbeResult;
import org.jspecify.annotations.Nullable;

/**
 * One of a probe's figures along a series.
 *
 * @param estimates one a point of the series
 * @param slope exponent of the means against the axis
 * @param law what theory says of that exponent; null where it says nothing
 */
record ScalarCurve(List<ScalarEstimate> estimates, LogLogSlope slope, @Nullable ScalarLaw law) {

  /**
   * Reads a figure off the replicas of {@code series} that have it.
   *
   * @param kind of the probe; null where it is not known
   */
  static ScalarCurve of(
      SweepSeries series,
      SweepAxis axis,
      String probe,
      @Nullable ProbeKind<?> kind,
      String scalar) {
    List<ScalarEstimate> estimates = new ArrayList<>();
    for (SweepPoint point : series.points()) {
      estimates.add(ScalarEstimate.of(List.copyOf(bySeed(point, probe, scalar).values())));
    }
    double[] x = series.points().stream().mapToDouble(SweepPoint::x).toArray();
    double[] y = estimates.stream().mapToDouble(estimate -> estimate.mean().value()).toArray();
    LogLogSlope slope =
        axis.isNumeric()
            ? LogLogSlope.of(x, y)
            : LogLogSlope.without(LogLogSlope.Missing.NO_LOG_AXIS);
    return new ScalarCurve(
        List.copyOf(estimates), slope, ScalarLaw.of(kind, scalar, axis, series, slope));
  }

  /** The figure of each replica that has it, by seed. */
  static Map<Long, Uncertain> bySeed(SweepPoint point, String probe, String scalar) {
    Map<Long, Uncertain> values = new LinkedHashMap<>();
    for (CompletedReplica replica : point.replicas()) {
      ProbeResult result = replica.probes().get(probe);
      Uncertain value = result == null ? null : result.scalars().get(scalar);
      if (value != null) {
        values.put(replica.result().seed(), value);
      }
    }
    return values;
  }

  /** Replicas whose value did not converge. */
  int notConverged() {
    return estimates.stream().mapToInt(ScalarEstimate::notConverged).sum();
  }

  /** Replicas whose value is not finite. */
  int notFinite() {
    return estimates.stream().mapToInt(ScalarEstimate::notFinite).sum();
  }
}
