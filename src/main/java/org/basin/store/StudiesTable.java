package org.basin.store;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import org.basin.measurement.Comparison;

/**
 * {@code studies.csv}: one row a prediction that a study compared with what it measured; a number
 * that is not finite is an empty field.
 */
final class StudiesTable {
  private StudiesTable() {}

  /** The table as CSV, study by study. */
  static String csv(List<StudyResult> studies) {
    StringWriter text = new StringWriter();
    try (CsvWriter csv = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(text)) {
      csv.writeRecord(
          "study",
          "kind",
          "quantity",
          "measured",
          "low",
          "high",
          "predicted",
          "tolerance",
          "verdict",
          "reason");
      for (StudyResult study : studies) {
        for (Comparison each : study.comparisons()) {
          csv.writeRecord(
              study.label(),
              study.kind(),
              each.quantity(),
              ResultsTable.field(each.measured()),
              ResultsTable.field(each.low()),
              ResultsTable.field(each.high()),
              ResultsTable.field(each.predicted()),
              ResultsTable.field(each.tolerance()),
              each.verdict().name().toLowerCase(Locale.ROOT),
              each.reason());
        }
      }
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible); // a string takes everything
    }
    return text.toString();
  }
}
