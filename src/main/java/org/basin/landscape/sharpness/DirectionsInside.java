package org.basin.landscape.sharpness;

import java.util.Arrays;
import java.util.List;
import org.basin.linalg.Uncertain;
import org.basin.linalg.Uncertain.Contribution;
import org.basin.linalg.Uncertain.Source;

/** Statistics of random directions of which each is inside or not, and has a distance or none. */
final class DirectionsInside {
  private DirectionsInside() {}

  /**
   * The share of {@code count} that is inside. Its error is the distance to the farther end of the
   * Wilson interval (1927) of one standard error, 1 / (n + 1) where none or all are: no number of
   * directions shows that there are no others.
   *
   * <pre>
   * (p + 1/2n ± √(p (1 − p) / n + 1/4n²)) / (1 + 1/n)
   * </pre>
   */
  static Uncertain share(int inside, int count) {
    double n = count;
    double p = inside / n;
    double center = (p + 0.5 / n) / (1 + 1 / n);
    double half = Math.sqrt(p * (1 - p) / n + 0.25 / (n * n)) / (1 + 1 / n);
    double error = half + Math.abs(center - p);
    return Uncertain.of(p, List.of(new Contribution(Source.PROBES, error, n - 1)), true);
  }

  /**
   * The median distance, which distances that were not found do not move as long as they are fewer
   * than half. Its error is half of the interval between the order statistics √n / 2 ranks to both
   * sides, whatever the distribution; where that reaches distances that were not found, or the
   * median does, it has not converged.
   */
  static Uncertain median(Distance[] distances) {
    int count = distances.length;
    Distance[] sorted = distances.clone();
    Arrays.sort(
        sorted,
        (one, other) ->
            one.found() == other.found()
                ? Double.compare(one.value(), other.value())
                : Boolean.compare(other.found(), one.found()));
    Distance median = Distance.halfWidth(sorted[(count - 1) / 2], sorted[count / 2]);
    double ranks = Math.sqrt(count) / 2;
    Distance low = sorted[(int) Math.max(0, Math.floor((count - 1) / 2.0 - ranks))];
    Distance high = sorted[(int) Math.min(count - 1, Math.ceil((count - 1) / 2.0 + ranks))];
    return Uncertain.of(
        median.value(),
        List.of(
            new Contribution(Source.PROBES, Math.abs(high.value() - low.value()) / 2, count - 1),
            Contribution.known(Source.RESIDUAL, median.error())),
        median.found() && high.found());
  }
}
