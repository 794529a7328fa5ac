package org.basin.linalg;

import java.util.Arrays;
import org.basin.InvalidInputException;

/**
 * The permutation π of n columns that maximises Σ_i profit[i, π(i)], by shortest augmenting paths
 * in O(n³) (Jonker and Volgenant 1987, without their initialisation; the form of Crouse 2016).
 */
public final class LinearAssignment {
  private final double[] profits; // [n, n]
  private final int n;
  private final double[] rowPotential;
  private final double[] columnPotential;
  private final double[] shortest; // of a path to each column
  private final int[] before; // the row that this path comes from
  private final int[] columnOf;
  private final int[] rowOf;
  private final int[] open; // columns that no path was fixed for

  private LinearAssignment(double[] profits, int n) {
    this.profits = profits;
    this.n = n;
    rowPotential = new double[n];
    columnPotential = new double[n];
    shortest = new double[n];
    before = new int[n];
    columnOf = new int[n];
    rowOf = new int[n];
    open = new int[n];
    Arrays.fill(columnOf, -1);
    Arrays.fill(rowOf, -1);
  }

  /**
   * The best assignment; one of them where several are.
   *
   * @param profits {@code [n, n]}, row-major, only read
   * @return π, the column of every row
   * @throws InvalidInputException when a profit is not finite
   */
  public static int[] maximum(double[] profits, int n) {
    for (int i = 0; i < n * n; i++) {
      if (!Double.isFinite(profits[i])) {
        throw new InvalidInputException(
            "profit (%d, %d) of an assignment is %s; allowed: finite numbers"
                .formatted(i / n, i % n, profits[i]));
      }
    }
    LinearAssignment assignment = new LinearAssignment(profits, n);
    for (int row = 0; row < n; row++) {
      assignment.add(row);
    }
    return assignment.columnOf;
  }

  /** Gives {@code row} a column along the cheapest path of reassignments. */
  private void add(int row) {
    Arrays.fill(shortest, Double.POSITIVE_INFINITY);
    for (int j = 0; j < n; j++) {
      open[j] = n - 1 - j; // so that the first of equal free columns is taken
    }
    int left = n;
    int from = row;
    double length = 0;
    int sink = -1;
    while (sink < 0) {
      int nearest = nearest(from, length, left);
      int column = open[nearest];
      length = shortest[column];
      open[nearest] = open[--left];
      open[left] = column; // fixed columns stand behind the open ones
      if (rowOf[column] < 0) {
        sink = column;
      } else {
        from = rowOf[column];
      }
    }
    rowPotential[row] += length;
    for (int k = left; k < n; k++) {
      int column = open[k];
      double gain = length - shortest[column];
      if (rowOf[column] >= 0) {
        rowPotential[rowOf[column]] += gain;
      }
      columnPotential[column] -= gain;
    }
    for (int column = sink; ; ) {
      int assigned = before[column];
      rowOf[column] = assigned;
      int next = columnOf[assigned];
      columnOf[assigned] = column;
      if (assigned == row) {
        return;
      }
      column = next;
    }
  }

  /** Lengthens paths by a step from {@code from}; the place in {@link #open} of the nearest end. */
  private int nearest(int from, double length, int left) {
    double lowest = Double.POSITIVE_INFINITY;
    int nearest = -1;
    double base = length - rowPotential[from];
    int row = from * n;
    for (int k = 0; k < left; k++) {
      int column = open[k];
      double reduced = base - profits[row + column] - columnPotential[column];
      if (reduced < shortest[column]) {
        shortest[column] = reduced;
        before[column] = from;
      }
      double reached = shortest[column];
      if (reached < lowest || (reached == lowest && rowOf[column] < 0)) {
        lowest = reached;
        nearest = k;
      }
    }
    return nearest;
  }
}
