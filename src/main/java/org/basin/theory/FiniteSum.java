package org.basin.theory;

/** A function that is a mean over terms, f = (1/n) Σ f_i. */
public interface FiniteSum extends Function {

  /** n. */
  int terms();

  /**
   * (1/B) Σ ∇f_i(x) over a batch.
   *
   * @param x {@code [d]}, only read
   * @param batch {@code [B]}, terms from 0, the same one any number of times
   * @param gradient {@code [d]}, overwritten
   */
  void batchGradient(double[] x, int[] batch, double[] gradient);
}
