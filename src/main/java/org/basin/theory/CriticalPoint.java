package org.basin.theory;

import java.util.Arrays;

/**
 * A point where ∇f is 0.
 *
 * @param point {@code [d]}
 * @param eigenvalues all d eigenvalues of ∇²f there, ascending
 */
public record CriticalPoint(double[] point, double[] eigenvalues) {

  /** Sorts the eigenvalues. */
  public CriticalPoint {
    if (point.length != eigenvalues.length) {
      throw new IllegalArgumentException(
          "%d eigenvalues in %d dimensions".formatted(eigenvalues.length, point.length));
    }
    eigenvalues = eigenvalues.clone();
    Arrays.sort(eigenvalues);
  }

  /**
   * Whether the smallest eigenvalue is negative: gradient descent converges here from a set of
   * measure zero only (Lee et al. 2016, theorem 4). True of strict maxima too.
   */
  public boolean isStrictSaddle() {
    return eigenvalues[0] < 0;
  }
}
