package org.basin.store;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.basin.InvalidInputException;
import org.basin.train.HistoryRow;

/** {@code history.csv}: one line an evaluation; a figure that is not finite is an empty field. */
final class HistoryFile {
  private static final String HEADER =
      "step,epoch,learningRate,trainLoss,trainError,validationLoss,validationError,testLoss,"
          + "testError,gradientNorm";

  private HistoryFile() {}

  static void write(Path file, List<HistoryRow> rows) {
    StringBuilder csv = new StringBuilder(HEADER).append('\n');
    for (HistoryRow row : rows) {
      csv.append(row.step()).append(',').append(row.epoch());
      for (double figure :
          new double[] {
            row.learningRate(),
            row.trainLoss(),
            row.trainError(),
            row.validationLoss(),
            row.validationError(),
            row.testLoss(),
            row.testError(),
            row.gradientNorm()
          }) {
        csv.append(',').append(Double.isFinite(figure) ? Double.toString(figure) : "");
      }
      csv.append('\n');
    }
    WholeFile.write(file, csv.toString());
  }

  /**
   * Reads a history.
   *
   * @throws InvalidInputException when the file is damaged
   */
  static List<HistoryRow> read(Path file) {
    List<HistoryRow> rows = new ArrayList<>();
    try (CsvReader<NamedCsvRecord> reader = CsvReader.builder().ofNamedCsvRecord(file)) {
      for (NamedCsvRecord line : reader) {
        rows.add(
            new HistoryRow(
                Long.parseLong(line.getField("step")),
                Integer.parseInt(line.getField("epoch")),
                figure(line, "learningRate"),
                figure(line, "trainLoss"),
                figure(line, "trainError"),
                figure(line, "validationLoss"),
                figure(line, "validationError"),
                figure(line, "testLoss"),
                figure(line, "testError"),
                figure(line, "gradientNorm")));
      }
      return rows;
    } catch (IOException failure) {
      throw new InvalidInputException(
          "cannot read " + file + ": " + WholeFile.reason(failure), failure);
    } catch (RuntimeException damaged) {
      throw new InvalidInputException(file + " is damaged: " + damaged.getMessage(), damaged);
    }
  }

  private static double figure(NamedCsvRecord line, String column) {
    String field = line.getField(column);
    return field.isEmpty() ? Double.NaN : Double.parseDouble(field);
  }
}
