package org.basin.landscape.surface;

/** Which directions through a network its loss is sliced along. */
public enum SurfaceDirections {
  /** Random, filter-normalised: {@link FilterNormalization}. */
  RANDOM,
  /** The eigenvectors of the Hessian's largest and smallest eigenvalue, of norm 1. */
  EIGENVECTORS,
  /** The plane that the way of training leaves the least: {@link TrajectoryPlane}. */
  TRAJECTORY,
  /** All of these. */
  ALL;

  boolean include(SurfaceDirections one) {
    return this == one || this == ALL;
  }
}
