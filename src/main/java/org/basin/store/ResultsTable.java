package org.basin.store;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code results.csv}: one row a replica, first every setting that varies, then every final figure;
 * a figure that is not finite is an empty field.
 */
public final class ResultsTable {
  private static final List<String> FIGURES =
      List.of(
          "status",
          "parameters",
          "width",
          "trainExamples",
          "classes",
          "steps",
          "epochs",
          "trainLoss",
          "trainError",
          "trainObjective",
          "validationLoss",
          "validationError",
          "testLoss",
          "testError",
          "seconds",
          "engine",
          "device",
          "precision",
          "configHash",
          "dataHash");

  private ResultsTable() {}

  /**
   * The table as CSV.
   *
   * @param varying paths of the settings that vary, the first columns behind point and seed
   * @param replicas the rows
   */
  public static String csv(List<String> varying, List<CompletedReplica> replicas) {
    StringWriter text = new StringWriter();
    try (CsvWriter csv = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(text)) {
      write(csv, varying, replicas);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible); // a string takes everything
    }
    return text.toString();
  }

  private static void write(CsvWriter csv, List<String> varying, List<CompletedReplica> replicas) {
    List<String> header = new ArrayList<>(List.of("point", "seed"));
    header.addAll(varying);
    header.addAll(FIGURES);
    csv.writeRecord(header);
    for (CompletedReplica replica : replicas) {
      ReplicaResult result = replica.result();
      List<String> row = new ArrayList<>();
      row.add(result.point());
      row.add(Long.toString(result.seed()));
      for (String path : varying) {
        row.add(replica.varying().getOrDefault(path, ""));
      }
      row.add(result.status());
      row.add(Long.toString(result.parameters()));
      row.add(Integer.toString(result.width()));
      row.add(Integer.toString(result.trainExamples()));
      row.add(Integer.toString(result.classes()));
      row.add(Long.toString(result.steps()));
      row.add(Integer.toString(result.epochs()));
      for (double figure :
          new double[] {
            result.trainLoss(),
            result.trainError(),
            result.trainObjective(),
            result.validationLoss(),
            result.validationError(),
            result.testLoss(),
            result.testError(),
            result.seconds()
          }) {
        row.add(Double.isFinite(figure) ? Double.toString(figure) : "");
      }
      row.addAll(List.of(result.engine(), result.device(), result.precision()));
      row.addAll(List.of(result.configHash(), result.dataHash()));
      csv.writeRecord(row);
    }
  }
}
