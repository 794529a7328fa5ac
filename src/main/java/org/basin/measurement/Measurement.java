package org.basin.measurement;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.basin.linalg.Uncertain;
import org.jspecify.annotations.Nullable;

/**
 * What a probe measured of one network.
 *
 * @param scalars the figures that tables and the report's curves against width take up, by their
 *     names in camel case, each with its error
 * @param details what else there is to say, a record; null for nothing
 * @param tables curves and grids, each under a name of its own
 * @param vectors vectors of the parameters' length that others may want to use, e.g. eigenvectors,
 *     by name {@code [count][P]}
 */
public record Measurement(
    SequencedMap<String, Uncertain> scalars,
    @Nullable Record details,
    List<Table> tables,
    Map<String, float[][]> vectors) {

  /** Copies lists and maps. */
  public Measurement {
    scalars = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(scalars));
    tables = List.copyOf(tables);
    vectors = Map.copyOf(vectors);
  }

  /** Scalars alone. */
  public static Measurement of(SequencedMap<String, Uncertain> scalars) {
    return new Measurement(scalars, null, List.of(), Map.of());
  }
}
