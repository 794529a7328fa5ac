package org.basin.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.basin.InvalidInputException;
import org.basin.measurement.Table;
import org.basin.store.CompletedReplica;
import org.basin.store.ProbeResult;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tables that a probe left in a sweep. What is in one is told by its columns, so that a table
 * of another probe is drawn as well.
 *
 * @param sweep the replicas
 * @param probe name of the probe
 */
record ProbeTables(Sweep sweep, String probe) {
  private static final Logger LOG = LoggerFactory.getLogger(ProbeTables.class);
  private static final String STANDARD_ERROR = "standardError";
  private static final String CONVERGED = "converged";

  /** Names of the tables that a replica has, in the order of their first appearance. */
  List<String> names() {
    Set<String> names = new LinkedHashSet<>();
    results().forEach(result -> names.addAll(result.tableNames()));
    return List.copyOf(names);
  }

  /** Columns of a table of {@link #names}, as the first replica that can be read has them. */
  List<String> columns(String name) {
    return results()
        .filter(result -> result.tableNames().contains(name))
        .flatMap(result -> Stream.ofNullable(read(result, name)))
        .findFirst()
        .map(Table::columns)
        .orElse(List.of());
  }

  /** A replica's table; null where it has none. */
  @Nullable Table of(CompletedReplica replica, String name) {
    ProbeResult result = replica.probes().get(probe);
    return result == null || !result.tableNames().contains(name) ? null : read(result, name);
  }

  /** A table that cannot be read is left out, as a damaged result is. */
  private static @Nullable Table read(ProbeResult result, String name) {
    try {
      return result.table(name);
    } catch (InvalidInputException damaged) {
      LOG.warn("left out: {}", damaged.getMessage());
      return null;
    }
  }

  private Stream<ProbeResult> results() {
    return sweep.series().stream()
        .flatMap(series -> series.points().stream())
        .flatMap(point -> point.replicas().stream())
        .flatMap(replica -> Stream.ofNullable(replica.probes().get(probe)));
  }

  /** The columns with something to draw against {@code abscissa}: no errors and no flags. */
  static List<String> values(List<String> columns, String abscissa) {
    List<String> values = new ArrayList<>();
    for (String column : columns) {
      boolean error =
          column.equals(STANDARD_ERROR)
              || column.endsWith("." + STANDARD_ERROR)
              || (column.endsWith("Error") && columns.contains(column.replaceAll("Error$", "")));
      boolean flag = column.equals(CONVERGED) || column.endsWith("." + CONVERGED);
      if (!error && !flag && !column.equals(abscissa)) {
        values.add(column);
      }
    }
    return List.copyOf(values);
  }

  /** One column against another, with the flags of convergence that belong to it. */
  static Curve curve(Table table, String abscissa, String column) {
    boolean[] converged = new boolean[table.rows().size()];
    String flag =
        table.columns().contains(column + "." + CONVERGED) ? column + "." + CONVERGED : CONVERGED;
    boolean flagged =
        table.columns().contains(flag) && (!flag.equals(CONVERGED) || sharesFlag(table, column));
    double[] flags = flagged ? table.column(flag) : new double[0];
    for (int i = 0; i < converged.length; i++) {
      converged[i] = !flagged || flags[i] == 1;
    }
    return new Curve(table.column(abscissa), table.column(column), converged);
  }

  /** A flag without a name is of the only values, or of what Lanczos' iteration gave. */
  private static boolean sharesFlag(Table table, String column) {
    return table.columns().contains(STANDARD_ERROR)
        || column.toLowerCase(Locale.ROOT).contains("sharpness")
        || column.equals("ratio");
  }
}
