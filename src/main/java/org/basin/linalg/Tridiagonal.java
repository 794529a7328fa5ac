package org.basin.linalg;

import java.util.Arrays;

/** The eigenvalues of a symmetric tridiagonal matrix, without vectors. */
final class Tridiagonal {
  // Each eigenvalue takes one or two; many more mean that the matrix was not finite.
  private static final int MOST_ITERATIONS = 60;

  private Tridiagonal() {}

  /**
   * Implicit QL with Wilkinson's shift (Golub and Van Loan 2013, algorithm 8.3.2, from the other
   * end); O(m²). Off-diagonal entries up to ε₆₄ ‖T‖ count as 0, which moves no eigenvalue by more
   * than 2 ε₆₄ ‖T‖: rounding in a matrix with a null space leaves blocks of such entries that the
   * iteration, as it compares them with their neighbours, may never take apart.
   *
   * @param diagonal {@code [m]}; overwritten
   * @param offDiagonal {@code [m - 1]}; overwritten
   * @return the eigenvalues, ascending
   */
  static double[] eigenvalues(double[] diagonal, double[] offDiagonal) {
    int n = diagonal.length;
    double[] e = Arrays.copyOf(offDiagonal, n);
    double norm = 0;
    for (int i = 0; i < n; i++) {
      norm = Math.max(norm, Math.max(Math.abs(diagonal[i]), Math.abs(e[i]))); // at most ‖T‖₂
    }
    double rounding = Math.ulp(1.0) * norm;
    for (int low = 0; low < n; low++) {
      for (int iteration = 0; ; iteration++) {
        int split = low;
        while (split < n - 1
            && Math.abs(e[split]) > rounding
            && !negligible(e[split], diagonal[split], diagonal[split + 1])) {
          split++;
        }
        if (split == low) {
          break;
        }
        if (iteration == MOST_ITERATIONS) {
          throw new ArithmeticException("QL iteration did not converge");
        }
        sweep(diagonal, e, low, split);
      }
    }
    Arrays.sort(diagonal);
    return diagonal;
  }

  private static boolean negligible(double offDiagonal, double left, double right) {
    double scale = Math.abs(left) + Math.abs(right);
    return scale + Math.abs(offDiagonal) == scale;
  }

  /** One QL step on the unreduced block from {@code low} to {@code high}. */
  private static void sweep(double[] d, double[] e, int low, int high) {
    double g = (d[low + 1] - d[low]) / (2 * e[low]);
    double r = Math.hypot(g, 1);
    g = d[high] - d[low] + e[low] / (g + Math.copySign(r, g));
    double sine = 1;
    double cosine = 1;
    double shift = 0;
    for (int i = high - 1; i >= low; i--) {
      double f = sine * e[i];
      double b = cosine * e[i];
      r = Math.hypot(f, g);
      e[i + 1] = r;
      if (r == 0) { // the block falls apart here
        d[i + 1] -= shift;
        e[high] = 0;
        return;
      }
      sine = f / r;
      cosine = g / r;
      g = d[i + 1] - shift;
      r = (d[i] - g) * sine + 2 * cosine * b;
      shift = sine * r;
      d[i + 1] = g + shift;
      g = cosine * r - b;
    }
    d[low] -= shift;
    e[low] = g;
    e[high] = 0;
  }
}
