package org.basin.landscape.curvature;

import org.basin.Require;
import org.basin.landscape.AsksObjectives;
import org.basin.linalg.DenseMatrix;
import org.basin.model.MlpSpec;
import org.basin.model.ParameterLayout;

/**
 * What {@link HessianProbe} measures.
 *
 * @param largest how many of the algebraically largest eigenvalues; all where a network has fewer
 * @param smallest how many of the algebraically smallest
 * @param traceProducts random products for each trace, beside the Krylov space that its eigenvalues
 *     were found in
 * @param densityRuns independent runs of the spectral density
 * @param densitySteps Lanczos steps, and so products, of each run
 * @param denseUpTo largest number of parameters of which the whole spectrum is computed
 * @param eigenvectors whether the eigenvectors are handed on: P numbers for each eigenvalue
 */
public record HessianOptions(
    int largest,
    int smallest,
    int traceProducts,
    int densityRuns,
    int densitySteps,
    int denseUpTo,
    boolean eigenvectors)
    implements AsksObjectives {
  /**
   * The ten largest (hessian-eigenthings 1.0), the three smallest; 33 products a trace, which are
   * as many as Hutch++ has left of 99 for the complement; five runs (the field: 1 to 10) of 100
   * steps (the field: 90 to 128); whole spectra of up to 2,000 parameters, a few seconds each.
   */
  public static final HessianOptions DEFAULTS = new HessianOptions(10, 3, 33, 5, 100, 2000, false);

  /** Most eigenvalues of one end: each is a vector of P floats that is kept. */
  public static final int MOST_EIGENVALUES = 1000;

  /** Checks ranges. */
  public HessianOptions {
    Require.inRange("largest", largest, 1, MOST_EIGENVALUES);
    Require.inRange("smallest", smallest, 1, MOST_EIGENVALUES);
    Require.inRange("traceProducts", traceProducts, 2, 1_000_000);
    Require.inRange("densityRuns", densityRuns, 2, 1000);
    Require.inRange("densitySteps", densitySteps, 2, 10_000);
    Require.inRange("denseUpTo", denseUpTo, 0, DenseMatrix.LARGEST_SIZE);
  }

  @Override
  public long heapBytes(MlpSpec spec) {
    return HessianProbe.heapBytes(new ParameterLayout(spec).size(), spec.outputs(), this);
  }
}
