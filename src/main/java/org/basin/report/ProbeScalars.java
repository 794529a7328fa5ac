package org.basin.report;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;

/**
 * All figures of a probe.
 *
 * @param probe its name
 * @param curves by the figure's name, one a series
 */
record ProbeScalars(String probe, SequencedMap<String, List<ScalarCurve>> curves) {

  /** The probes that measured a replica of {@code sweep}, with their figures. */
  static List<ProbeScalars> of(Sweep sweep, Catalog catalog) {
    SequencedMap<String, Set<String>> names = new LinkedHashMap<>();
    for (SweepSeries series : sweep.series()) {
      for (SweepPoint point : series.points()) {
        for (var replica : point.replicas()) {
          replica
              .probes()
              .forEach(
                  (probe, result) ->
                      names
                          .computeIfAbsent(probe, _ -> new LinkedHashSet<>())
                          .addAll(result.scalars().keySet()));
        }
      }
    }
    return names.entrySet().stream()
        .map(
            probe -> {
              SequencedMap<String, List<ScalarCurve>> curves = new LinkedHashMap<>();
              for (String scalar : probe.getValue()) {
                curves.put(
                    scalar,
                    sweep.series().stream()
                        .map(
                            s ->
                                ScalarCurve.of(
                                    s,
                                    sweep.axis(),
                                    probe.getKey(),
                                    catalog.probe(probe.getKey()),
                                    scalar))
                        .toList());
              }
              return new ProbeScalars(probe.getKey(), curves);
            })
        .toList();
  }
}
