package org.basin.report;

import java.util.List;
import java.util.Map;

/**
 * The points that differ only in the axis' setting.
 *
 * @param label the other varying settings and their values, in short; empty when there are none
 * @param settings those settings in full
 * @param points in ascending order of {@code x}
 */
record SweepSeries(String label, Map<String, String> settings, List<SweepPoint> points) {
  /** One estimate a point. */
  List<Estimate> curve(Metric metric) {
    return points.stream().map(point -> point.estimate(metric)).toList();
  }
}
