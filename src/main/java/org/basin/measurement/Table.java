package org.basin.measurement;

import java.util.ArrayList;
import java.util.List;

/**
 * Numbers in columns, for curves and grids; NaN is a number that could not be had, and stays one.
 *
 * @param name what it holds, e.g. {@code density}
 * @param columns names of the columns
 * @param rows {@code [rows][columns]}
 */
public record Table(String name, List<String> columns, List<double[]> rows) {

  /** Copies the lists and checks that every row has every column. */
  public Table {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
    for (double[] row : rows) {
      if (row.length != columns.size()) {
        throw new IllegalArgumentException(
            "a row of %d numbers for %d columns".formatted(row.length, columns.size()));
      }
    }
  }

  /** The numbers of one column, top to bottom. */
  public double[] column(String column) {
    int at = columns.indexOf(column);
    if (at < 0) {
      throw new IllegalArgumentException("no column " + column + " in " + columns);
    }
    return rows.stream().mapToDouble(row -> row[at]).toArray();
  }

  /** Builds a table row by row. */
  public static final class Builder {
    private final String name;
    private final List<String> columns;
    private final List<double[]> rows = new ArrayList<>();

    /** An empty table. */
    public Builder(String name, String... columns) {
      this.name = name;
      this.columns = List.of(columns);
    }

    /** Adds a row. */
    public Builder row(double... values) {
      rows.add(values);
      return this;
    }

    /** The table of the rows so far. */
    public Table build() {
      return new Table(name, columns, rows);
    }
  }
}
