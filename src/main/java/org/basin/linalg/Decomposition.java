package org.basin.linalg;

import org.hipparchus.linear.EigenDecompositionSymmetric;

/**
 * Eigenvalues, ascending, and eigenvectors of a small matrix.
 *
 * @param values {@code [m]}
 * @param vectors {@code [m][m]}: the vector of each value
 */
record Decomposition(double[] values, double[][] vectors) {

  static Decomposition of(EigenDecompositionSymmetric decomposition) {
    int size = decomposition.getEigenvalues().length;
    double[] values = new double[size];
    double[][] vectors = new double[size][];
    for (int i = 0; i < size; i++) {
      // Hipparchus has them descending.
      values[i] = decomposition.getEigenvalue(size - 1 - i);
      vectors[i] = decomposition.getEigenvector(size - 1 - i).toArray();
    }
    return new Decomposition(values, vectors);
  }
}
