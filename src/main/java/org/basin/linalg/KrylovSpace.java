package org.basin.linalg;

/**
 * Eigenpairs of an operator with the basis Q that they were found in, and what it tells besides.
 */
public final class KrylovSpace {
  private final Eigenpairs pairs;
  private final Basis basis;
  private final double[] inner;
  private final int steps;

  /**
   * A space.
   *
   * @param inner qᵀHq of each vector of the basis
   * @param steps of the iteration that led to it
   */
  KrylovSpace(Eigenpairs pairs, Basis basis, double[] inner, int steps) {
    this.pairs = pairs;
    this.basis = basis;
    this.inner = inner;
    this.steps = steps;
  }

  /** The pairs that were asked for. */
  public Eigenpairs pairs() {
    return pairs;
  }

  /** Steps of the iteration; the order of the operator where the whole matrix was taken. */
  public int steps() {
    return steps;
  }

  Basis basis() {
    return basis;
  }

  double[] inner() {
    return inner;
  }
}
