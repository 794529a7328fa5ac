package org.basin.landscape.surface;

import java.util.List;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;

/**
 * How much of a slice is not convex, by the second differences at its inner points.
 *
 * <pre>
 * line:   L(i+1) - 2 L(i) + L(i-1)
 * plane:  λ_min of [A C; C B],  A and B as for the line,
 *         C = ¼ (L(i+1,j+1) - L(i+1,j-1) - L(i-1,j+1) + L(i-1,j-1))
 * </pre>
 *
 * <p>in units of the grid, which changes no sign. The curvatures of a slice are weighted means of
 * those of the whole (Li et al. 2018, section 6): where the slice is not convex, nor is the loss.
 *
 * @param judged inner points that are finite with all their neighbours
 * @param nonConvex those of them whose smallest curvature is below minus its rounding
 * @param undecided those whose smallest curvature is within its rounding
 */
public record SliceConvexity(int judged, int nonConvex, int undecided) {
  /** Of a line's losses. */
  static SliceConvexity ofLine(double[] losses) {
    Count count = new Count();
    for (int i = 1; i < losses.length - 1; i++) {
      count.add(second(losses, i, 1), LossSlice.ROUNDING * secondSize(losses, i, 1));
    }
    return count.result();
  }

  /**
   * Of a plane's losses.
   *
   * @param losses {@code [side, side]}, row-major
   */
  static SliceConvexity ofPlane(double[] losses, int side) {
    Count count = new Count();
    for (int i = 1; i < side - 1; i++) {
      for (int j = 1; j < side - 1; j++) {
        int at = i * side + j;
        double a = second(losses, at, side);
        double b = second(losses, at, 1);
        double up = losses[at + side + 1];
        double upDown = losses[at + side - 1];
        double downUp = losses[at - side + 1];
        double down = losses[at - side - 1];
        double c = (up - upDown - downUp + down) / 4;
        double size =
            Math.hypot(
                Math.hypot(secondSize(losses, at, side), secondSize(losses, at, 1)),
                Math.sqrt(2) / 4 * norm(up, upDown, downUp, down));
        count.add((a + b) / 2 - Math.hypot((a - b) / 2, c), LossSlice.ROUNDING * size);
      }
    }
    return count.result();
  }

  /** nonConvex / judged; its error are the undecided points. */
  Uncertain share() {
    if (judged == 0) {
      return Uncertain.of(Double.NaN, List.of(), false);
    }
    return Uncertain.of(
        (double) nonConvex / judged,
        List.of(Contribution.known(Source.ROUNDING, (double) undecided / judged)),
        true);
  }

  private static double second(double[] losses, int at, int stride) {
    return losses[at + stride] - 2 * losses[at] + losses[at - stride];
  }

  private static double secondSize(double[] losses, int at, int stride) {
    return norm(losses[at + stride], 2 * losses[at], losses[at - stride], 0);
  }

  private static double norm(double a, double b, double c, double d) {
    return Math.sqrt(a * a + b * b + c * c + d * d);
  }

  private static final class Count {
    private int judged;
    private int nonConvex;
    private int undecided;

    void add(double curvature, double rounding) {
      if (!Double.isFinite(curvature)) {
        return;
      }
      judged++;
      nonConvex += curvature < -rounding ? 1 : 0;
      undecided += Math.abs(curvature) <= rounding ? 1 : 0;
    }

    SliceConvexity result() {
      return new SliceConvexity(judged, nonConvex, undecided);
    }
  }
}
