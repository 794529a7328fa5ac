package org.basin.report;

import java.util.Arrays;
import org.basin.measurement.Table;

/**
 * A figure on a grid of two coordinates.
 *
 * @param alphas first coordinates, ascending
 * @param betas second coordinates, ascending
 * @param values {@code [alpha][beta]}; not finite where the table's is not, NaN where it has none
 */
record LossGrid(double[] alphas, double[] betas, double[][] values) {

  /** Reads the columns {@code alpha}, {@code beta} and {@code column}, whatever the rows' order. */
  static LossGrid of(Table table, String column) {
    double[] alpha = table.column("alpha");
    double[] beta = table.column("beta");
    double[] value = table.column(column);
    double[] alphas = Arrays.stream(alpha).filter(Double::isFinite).sorted().distinct().toArray();
    double[] betas = Arrays.stream(beta).filter(Double::isFinite).sorted().distinct().toArray();
    double[][] values = new double[alphas.length][betas.length];
    for (double[] row : values) {
      Arrays.fill(row, Double.NaN);
    }
    for (int i = 0; i < value.length; i++) {
      int at = Arrays.binarySearch(alphas, alpha[i]);
      int beside = Arrays.binarySearch(betas, beta[i]);
      if (at >= 0 && beside >= 0) {
        values[at][beside] = value[i];
      }
    }
    return new LossGrid(alphas, betas, values);
  }

  /**
   * At most {@code limit} lines of the grid each way, evenly spread, the ends among them, and with
   * an odd limit the middle one of an odd number.
   */
  LossGrid thinned(int limit) {
    int[] rows = kept(alphas.length, limit);
    int[] columns = kept(betas.length, limit);
    return new LossGrid(
        Arrays.stream(rows).mapToDouble(i -> alphas[i]).toArray(),
        Arrays.stream(columns).mapToDouble(j -> betas[j]).toArray(),
        Arrays.stream(rows)
            .mapToObj(i -> Arrays.stream(columns).mapToDouble(j -> values[i][j]).toArray())
            .toArray(double[][]::new));
  }

  private static int[] kept(int count, int limit) {
    int[] kept = new int[Math.min(count, limit)];
    for (int i = 0; i < kept.length; i++) {
      kept[i] = count <= limit ? i : (int) Math.round((double) i * (count - 1) / (limit - 1));
    }
    return kept;
  }
}
