package org.basin.store;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.basin.InvalidInputException;
import org.basin.measurement.Table;

/**
 * A table of a measurement, {@code <measurement>-<table>.csv}; NaN is an empty field, infinities
 * are {@code Infinity} and {@code -Infinity}.
 */
final class TableFile {
  private TableFile() {}

  static Path path(Path folder, String measurement, String table) {
    return folder.resolve(measurement + "-" + table + ".csv");
  }

  static void write(Path file, Table table) {
    StringBuilder csv = new StringBuilder(String.join(",", table.columns())).append('\n');
    for (double[] row : table.rows()) {
      for (int i = 0; i < row.length; i++) {
        csv.append(i == 0 ? "" : ",").append(Double.isNaN(row[i]) ? "" : shown(row[i]));
      }
      csv.append('\n');
    }
    WholeFile.write(file, csv.toString());
  }

  private static String shown(double value) {
    boolean whole = value == Math.rint(value) && Math.abs(value) < 1e15;
    return whole ? Long.toString((long) value) : Double.toString(value);
  }

  /**
   * Reads a table.
   *
   * @throws InvalidInputException when the file is missing or damaged
   */
  static Table read(Path file, String name) {
    try (CsvReader<NamedCsvRecord> reader =
        CsvReader.builder().skipEmptyLines(false).ofNamedCsvRecord(file)) {
      List<String> columns = List.of();
      List<double[]> rows = new ArrayList<>();
      for (NamedCsvRecord line : reader) {
        columns = line.getHeader();
        rows.add(
            line.getFields().stream()
                .mapToDouble(field -> field.isEmpty() ? Double.NaN : Double.parseDouble(field))
                .toArray());
      }
      return new Table(name, columns, rows);
    } catch (IOException failure) {
      throw new InvalidInputException(
          "cannot read " + file + ": " + WholeFile.reason(failure), failure);
    } catch (RuntimeException damaged) {
      throw new InvalidInputException(file + " is damaged: " + damaged.getMessage(), damaged);
    }
  }
}
