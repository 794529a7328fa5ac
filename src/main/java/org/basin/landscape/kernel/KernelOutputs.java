package org.basin.landscape.kernel;

/** What becomes of the K outputs of an example in a {@link TangentKernel}. */
public enum KernelOutputs {
  /**
   * The mean over outputs of the kernel of each, (1/K) Σ_k Θ_kk: order n. At infinite width the
   * whole kernel is this one on every output and 0 between outputs (Jacot et al. 2018, theorem 1).
   */
  TRACED,
  /** Every pair of outputs: order n K. */
  ALL
}
