package org.basin.store;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import org.basin.linalg.Uncertain;
import org.jspecify.annotations.Nullable;

/**
 * {@code results.csv}: one row a replica, first every setting that varies, then every final figure,
 * then what probes measured as {@code <probe>.<scalar>}, {@code ….standardError} and {@code
 * ….converged}; a figure that is not finite is an empty field.
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
    List<String> measured = new ArrayList<>(scalars(replicas));
    for (String scalar : measured) {
      header.addAll(List.of(scalar, scalar + ".standardError", scalar + ".converged"));
    }
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
        row.add(field(figure));
      }
      row.addAll(List.of(result.engine(), result.device(), result.precision()));
      row.addAll(List.of(result.configHash(), result.dataHash()));
      for (String scalar : measured) {
        Uncertain value = scalar(replica, scalar);
        row.add(value == null ? "" : field(value.value()));
        row.add(value == null ? "" : field(value.standardError()));
        row.add(value == null ? "" : Boolean.toString(value.converged()));
      }
      csv.writeRecord(row);
    }
  }

  /** A number as a field. */
  static String field(double figure) {
    return Double.isFinite(figure) ? Double.toString(figure) : "";
  }

  /** {@code <probe>.<scalar>} of everything that was measured of any replica. */
  private static SequencedSet<String> scalars(List<CompletedReplica> replicas) {
    SequencedSet<String> names = new LinkedHashSet<>();
    for (CompletedReplica replica : replicas) {
      replica
          .probes()
          .forEach(
              (probe, result) ->
                  result.scalars().keySet().forEach(scalar -> names.add(probe + "." + scalar)));
    }
    return names;
  }

  private static @Nullable Uncertain scalar(CompletedReplica replica, String name) {
    int dot = name.indexOf('.');
    ProbeResult result = replica.probes().get(name.substring(0, dot));
    return result == null ? null : result.scalars().get(name.substring(dot + 1));
  }
}
