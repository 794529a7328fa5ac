package org.basin.linalg;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Eigenpairs of an operator with the basis Q that they were found in, and what it tells besides.
 * The basis lies where the operator's products are computed, and goes when the space is closed; the
 * rest stays.
 */
public final class KrylovSpace implements AutoCloseable {
  private final Eigenpairs pairs;
  private final KrylovSequences basis;
  private final double[] inner;
  private final int steps;
  private final Others others;

  /**
   * A space.
   *
   * @param basis of one sequence; is closed with the space
   * @param inner qᵀHq of each vector of the basis
   * @param steps of the iteration that led to it
   */
  KrylovSpace(Eigenpairs pairs, KrylovSequences basis, double[] inner, int steps, Others others) {
    this.pairs = pairs;
    this.basis = basis;
    this.inner = inner;
    this.steps = steps;
    this.others = others;
  }

  /**
   * The Ritz pairs that were not asked for, of one sequence from one random vector q_0, whose pairs
   * that were asked for have all converged: a Gauss rule of the complement.
   *
   * @param values θ_k, ascending
   * @param weights (q_0ᵀ y_k)² of the Ritz vector y_k
   * @param residuals ‖H y_k − θ_k y_k‖
   */
  record Others(double[] values, double[] weights, double[] residuals) {
    static final Others NONE = new Others(new double[0], new double[0], new double[0]);

    /**
     * All but some Ritz pairs.
     *
     * @param vectors by the basis, of which q_0 is the first
     * @param without indices of the pairs that were asked for
     */
    static Others of(double[] values, double[][] vectors, double[] residuals, int[] without) {
      boolean[] left = new boolean[values.length];
      Arrays.fill(left, true);
      for (int i : without) {
        left[i] = false;
      }
      int[] kept = IntStream.range(0, left.length).filter(i -> left[i]).toArray();
      return new Others(
          Arrays.stream(kept).mapToDouble(i -> values[i]).toArray(),
          Arrays.stream(kept).mapToDouble(i -> vectors[i][0] * vectors[i][0]).toArray(),
          Arrays.stream(kept).mapToDouble(i -> residuals[i]).toArray());
    }
  }

  /** The pairs that were asked for. */
  public Eigenpairs pairs() {
    return pairs;
  }

  /** Steps of the iteration; the order of the operator where the whole matrix was taken. */
  public int steps() {
    return steps;
  }

  KrylovSequences basis() {
    return basis;
  }

  double[] inner() {
    return inner;
  }

  /** Empty where there is no such rule. */
  Others others() {
    return others;
  }

  @Override
  public void close() {
    basis.close();
  }
}
