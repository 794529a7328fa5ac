package org.basin.landscape.curvature;

import org.basin.Require;
import org.basin.linalg.Trace;

/**
 * What {@link HessianProbe} measures.
 *
 * @param largest how many of the algebraically largest eigenvalues; all where a network has fewer
 * @param smallest how many of the algebraically smallest
 * @param traceProducts products spent on each trace
 */
public record HessianOptions(int largest, int smallest, int traceProducts) {
  /** The ten largest (hessian-eigenthings 1.0), the three smallest, 99 products a trace. */
  public static final HessianOptions DEFAULTS = new HessianOptions(10, 3, Trace.DEFAULT_PRODUCTS);

  /** Most eigenvalues of one end: each is a vector of P floats that is kept. */
  public static final int MOST_EIGENVALUES = 1000;

  /** Checks ranges. */
  public HessianOptions {
    Require.inRange("largest", largest, 1, MOST_EIGENVALUES);
    Require.inRange("smallest", smallest, 1, MOST_EIGENVALUES);
    Require.inRange("traceProducts", traceProducts, 6, 1_000_000);
  }
}
