package org.basin.train;

/**
 * Optimiser. η_t is the scheduled learning rate times the layer's multiplier; g the mean gradient
 * of the loss over the batch, clipped, with the gradient c w of the L2 penalty added after clipping
 * (the order of PyTorch and of DL4J).
 *
 * <p>Decoupled weight decay λ, with any of them, takes η_t λ w from each weight in the same step.
 */
public enum OptimizerKind {
  /** θ ← θ - η_t g (Robbins and Monro 1951). */
  SGD,
  /** v ← μ v - η_t g; θ ← θ + v (Polyak 1964; PyTorch's momentum with the rate inside v). */
  HEAVY_BALL,
  /**
   * v' ← μ v - η_t g; θ ← θ - μ v + (1+μ) v' (Nesterov 1983, as Sutskever et al. 2013 and DL4J).
   */
  NESTEROV,
  /**
   * m ← β₁ m + (1-β₁) g; s ← β₂ s + (1-β₂) g²; θ ← θ - η_t √(1-β₂ᵗ)/(1-β₁ᵗ) m / (√s + ε) (Kingma
   * and Ba 2015, the form before section 2.1's end; ε stands outside the correction, as in DL4J).
   */
  ADAM,
  /**
   * Adam with decoupled weight decay (Loshchilov and Hutter 2019): {@code adam}, but that the
   * weight decay is 0.01 where none is stated.
   */
  ADAMW;

  /** Whether steps are scaled by a running second moment, so that they do not grow with g. */
  public boolean adaptive() {
    return this == ADAM || this == ADAMW;
  }
}
