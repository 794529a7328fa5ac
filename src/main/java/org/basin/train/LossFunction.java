package org.basin.train;

/** What is minimised, as a mean over examples. */
public enum LossFunction {
  /** Softmax cross-entropy: -Σ_k y_k log softmax(f)_k. */
  CROSS_ENTROPY,
  /** Mean squared error on one-hot targets: (1/K) Σ_k (f_k - y_k)², as PyTorch's and DL4J's. */
  MSE
}
