package org.basin.landscape.surface;

import org.basin.Require;

/**
 * What {@link SurfaceProbe} measures.
 *
 * @param directions which directions are sliced along
 * @param dimensions 1 for lines and the path of training; 2 for planes too
 * @param points on a line, and on a side of a plane; odd, so that the middle is the network
 * @param range half the width of a slice in units of its directions: of filter-normalised ones,
 *     which have the norm of the network's weights, or of eigenvectors, which have norm 1. The
 *     trajectory's plane covers the path instead
 * @param draws random directions, each with a line of its own; the first two span the plane
 * @param iterates most networks of the path of training that are kept, {@code 4 P} bytes each; at
 *     least half as many are, where the training has as many steps
 * @param error whether the misclassified fraction is measured too, by another forward pass at every
 *     point
 */
public record SurfaceOptions(
    SurfaceDirections directions,
    int dimensions,
    int points,
    double range,
    int draws,
    int iterates,
    boolean error) {
  /** From -1 to 1 with 51 points a side (Li et al. 2018). */
  public static final SurfaceOptions DEFAULTS =
      new SurfaceOptions(SurfaceDirections.RANDOM, 2, 51, 1.0, 5, 64, true);

  /** Checks ranges. */
  public SurfaceOptions {
    Require.inRange("dimensions", dimensions, 1, 2);
    Require.inRange("points", points, 3, 501);
    Require.that(
        points % 2 == 1,
        "points",
        "is " + points + ", allowed: an odd number, so that the middle is the network");
    Require.positive("range", range, 1000.0);
    Require.inRange("draws", draws, 2, 1000);
    Require.inRange("iterates", iterates, 3, 1000);
  }
}
