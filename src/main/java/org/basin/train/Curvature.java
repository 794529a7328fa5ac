package org.basin.train;

/** Matrices of second derivatives of an objective. */
public enum Curvature {
  /** H, of {@link Objective#hessianVectors}. */
  HESSIAN,
  /** G, of {@link Objective#gaussNewtonVectors}. */
  GAUSS_NEWTON,
  /** R = H − G, at the cost of both. */
  RESIDUAL
}
