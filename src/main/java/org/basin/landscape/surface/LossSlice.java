package org.basin.landscape.surface;

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

  private final Objective objective;
  private final float[] theta;
  private final @Nullable Examples labelled;
  private final float[] point; // [P]

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
    point = new float[theta.length];
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
    for (int i = 0; i < axis.points(); i++) {
      double alpha = axis.at(i);
      for (int k = 0; k < point.length; k++) {
        point[k] = (float) (theta[k] + alpha * direction[k]);
      }
      table.row(row(alpha));
    }
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
    for (int i = 0; i < alphas.points(); i++) {
      for (int j = 0; j < betas.points(); j++) {
        move(alphas.at(i), first, betas.at(j), second);
        table.row(row(alphas.at(i), betas.at(j)));
      }
    }
    return table.build();
  }

  /** L(θ + α d + β e). */
  double loss(double alpha, float[] first, double beta, float[] second) {
    move(alpha, first, beta, second);
    return objective.loss(point);
  }

  private void move(double alpha, float[] first, double beta, float[] second) {
    for (int k = 0; k < point.length; k++) {
      point[k] = (float) (theta[k] + alpha * first[k] + beta * second[k]);
    }
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

  /** Coordinates, then what is measured at the point. */
  private double[] row(double... coordinates) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    double[] row = new double[coordinates.length + (labelled == null ? 1 : 2)];
    System.arraycopy(coordinates, 0, row, 0, coordinates.length);
    row[coordinates.length] = objective.loss(point);
    if (labelled != null) {
      row[coordinates.length + 1] = error(labelled);
    }
    return row;
  }

  private double error(Examples examples) {
    float[] outputs = objective.outputs(point);
    // Which loss does not matter to the error; this one is the quickest.
    return LossEvaluation.of(LossFunction.MSE, outputs, examples.labels(), examples.classes(), 0)
        .error();
  }
}
