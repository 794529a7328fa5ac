package org.basin.landscape.surface;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What there is to say of the slices that a {@link SurfaceProbe} has made.
 *
 * @param loss L(θ), in the middle of every slice
 * @param examples number of examples that L is a mean over
 * @param lines one for each line
 * @param planes one for each plane
 * @param path the way of training; null where it was not asked for, or spans no plane
 */
public record SurfaceMeasurement(
    double loss, int examples, List<Line> lines, List<Plane> planes, @Nullable Path path) {

  /**
   * A line along d.
   *
   * @param name of its table
   * @param norm ‖d‖
   * @param curvature dᵀHd, from an exact product; for an eigenvector its eigenvalue
   * @param secondDifference the same as the line shows it, (L(h) − 2 L(0) + L(−h)) / h², with h the
   *     distance of its points. The two differ by the line's fourth derivative, h² L⁗ / 12, and
   *     where a kink of ReLU is crossed, which H does not see
   * @param convexity where the line is convex
   */
  public record Line(
      String name,
      double norm,
      double curvature,
      double secondDifference,
      SliceConvexity convexity) {}

  /**
   * A plane along d and e.
   *
   * @param name of its table
   * @param cosine dᵀe / ‖d‖ ‖e‖: random directions are only nearly orthogonal
   * @param convexity where the plane is convex
   */
  public record Plane(String name, double cosine, SliceConvexity convexity) {}

  /**
   * The way of training.
   *
   * @param iterates number of networks on it that the plane is fitted to
   * @param firstExplained share of Σ_t ‖θ_t − θ‖² along the plane's first direction
   * @param secondExplained share along its second
   */
  public record Path(int iterates, double firstExplained, double secondExplained) {}

  public SurfaceMeasurement {
    lines = List.copyOf(lines);
    planes = List.copyOf(planes);
  }
}
