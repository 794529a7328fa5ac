package org.basin.landscape.surface;

import java.util.Arrays;
import org.basin.data.Examples;
import org.basin.measurement.Table;
import org.basin.train.LossEvaluation;
import org.basin.train.LossFunction;
import org.basin.train.Objective;
import org.jspecify.annotations.Nullable;

/**
 * The loss on lines and planes through θ, L(θ + α d) and L(θ + α d + β e); what is not finite stays
 * so. The parameters of a point are summed in double precision and rounded once.
 */
final class LossSlice {
  /**
   * What float32 may move a loss by, as a part of it. Measured on the CPU engine against double
   * precision: up to 0.3 ε at losses near 1, up to 8 ε where a network fits all its examples.
   */
  static final double ROUNDING = 8 * Math.ulp(1f);

  /** Values of the points that are evaluated together: engines are quicker with many at once. */
  private static final int MOST_VALUES = 1 << 22;

  private static final int MOST_POINTS = 64;

  private final Objective objective;
  private final float[] theta;
  private final @Nullable Examples labelled;
  private final int atOnce;
  private final float[] points; // [atOnce, P]

  /**
   * Slices through one network.
   *
   * @param theta {@code [P]}, only read
   * @param labelled the objective's examples, for the misclassified fraction; null to leave it out
   */
  LossSlice(Objective objective, float[] theta, @Nullable Examples labelled) {
    this.objective = objective;
    this.theta = theta;
    this.labelled = labelled;
    atOnce = Math.clamp(MOST_VALUES / theta.length, 1, MOST_POINTS);
    points = new float[Math.multiplyExact(atOnce, theta.length)];
  }

  /**
   * The line of a direction: {@code alpha, loss} and, where it is asked for, {@code error}, one row
   * a coordinate, ascending.
   *
   * @param direction d, {@code [P]}
   * @throws InterruptedException when the thread was interrupted
   */
  Table line(String name, float[] direction, Axis axis) throws InterruptedException {
    Table.Builder table = table(name, "alpha");
    double[][] coordinates = new double[axis.points()][];
    for (int i = 0; i < axis.points(); i++) {
      coordinates[i] = new double[] {axis.at(i)};
    }
    rows(
        table,
        coordinates,
        (at, to) -> {
          for (int k = 0; k < theta.length; k++) {
            points[to + k] = (float) (theta[k] + at[0] * direction[k]);
          }
        });
    return table.build();
  }

  /**
   * The plane of two directions: both coordinates, {@code loss} and, where it is asked for, {@code
   * error}; rows ascend along the first direction, and for each of its coordinates along the
   * second.
   *
   * @param first d, {@code [P]}
   * @param second e, {@code [P]}
   * @param alphas coordinates along d
   * @param betas coordinates along e
   * @throws InterruptedException when the thread was interrupted
   */
  Table plane(String name, float[] first, float[] second, Axis alphas, Axis betas)
      throws InterruptedException {
    Table.Builder table = table(name, "alpha", "beta");
    double[][] coordinates = new double[alphas.points() * betas.points()][];
    for (int i = 0; i < coordinates.length; i++) {
      coordinates[i] = new double[] {alphas.at(i / betas.points()), betas.at(i % betas.points())};
    }
    rows(table, coordinates, (at, to) -> move(at[0], first, at[1], second, to));
    return table.build();
  }

  /** L(θ + α d + β e). */
  double loss(double alpha, float[] first, double beta, float[] second) {
    move(alpha, first, beta, second, 0);
    return objective.losses(points, 1)[0];
  }

  private void move(double alpha, float[] first, double beta, float[] second, int to) {
    for (int k = 0; k < theta.length; k++) {
      points[to + k] = (float) (theta[k] + alpha * first[k] + beta * second[k]);
    }
  }

  /** Writes a point into {@link #points}, from {@code to} on. */
  private interface Placement {
    void place(double[] coordinates, int to);
  }

  private Table.Builder table(String name, String... coordinates) {
    String[] columns = new String[coordinates.length + (labelled == null ? 1 : 2)];
    System.arraycopy(coordinates, 0, columns, 0, coordinates.length);
    columns[coordinates.length] = "loss";
    if (labelled != null) {
      columns[coordinates.length + 1] = "error";
    }
    return new Table.Builder(name, columns);
  }

  /** Rows of coordinates, then what is measured at the point. */
  private void rows(Table.Builder table, double[][] coordinates, Placement placement)
      throws InterruptedException {
    for (int from = 0; from < coordinates.length; from += atOnce) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      int count = Math.min(atOnce, coordinates.length - from);
      for (int i = 0; i < count; i++) {
        placement.place(coordinates[from + i], i * theta.length);
      }
      double[] losses = objective.losses(points, count);
      for (int i = 0; i < count; i++) {
        double[] at = coordinates[from + i];
        double[] row = Arrays.copyOf(at, at.length + (labelled == null ? 1 : 2));
        row[at.length] = losses[i];
        if (labelled != null) {
          row[at.length + 1] = error(labelled, i * theta.length);
        }
        table.row(row);
      }
    }
  }

  private double error(Examples examples, int at) {
    float[] outputs = objective.outputs(Arrays.copyOfRange(points, at, at + theta.length));
    // Which loss does not matter to the error; this one is the quickest.
    return LossEvaluation.of(LossFunction.MSE, outputs, examples.labels(), examples.classes(), 0)
        .error();
  }
}
