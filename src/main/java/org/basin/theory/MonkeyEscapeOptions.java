package org.basin.theory;

import java.util.List;
import org.basin.Require;

/**
 * What {@link MonkeyEscape} runs.
 *
 * @param stepSize η
 * @param radius r: a run is out when it is further than this from the saddle
 * @param starts distances |u_0| of the starts, ascending
 * @param runs starts in a random direction at each distance
 * @param stepLimit steps after which a run that is not out is censored
 * @param confidence of every interval
 */
public record MonkeyEscapeOptions(
    double stepSize,
    double radius,
    List<Double> starts,
    int runs,
    int stepLimit,
    double confidence) {
  /** Steps that change a start's distance by a tenth of itself at most. */
  public static final MonkeyEscapeOptions DEFAULTS =
      new MonkeyEscapeOptions(
          0.1, 0.3, List.of(3e-4, 6e-4, 1.2e-3, 2.4e-3, 4.8e-3), 300, 200_000, 0.999);

  /** Checks ranges. */
  public MonkeyEscapeOptions {
    starts = List.copyOf(starts);
    Require.positive("stepSize", stepSize, 1e3);
    Require.positive("radius", radius, 1e3);
    Require.that(
        3 * stepSize * radius <= 0.5,
        "stepSize",
        "is " + stepSize + ", allowed: up to 1/(6 radius), " + 1 / (6 * radius));
    Require.that(
        starts.size() >= 3, "starts", "has " + starts.size() + " numbers, allowed: 3 or more");
    double previous = 0;
    for (double start : starts) {
      Require.that(
          start > previous && start <= radius / 10,
          "starts",
          "is " + starts + ", allowed: ascending, above 0 and up to radius/10, " + radius / 10);
      previous = start;
    }
    Require.inRange("runs", runs, 20, 1_000_000);
    Require.inRange("stepLimit", stepLimit, 100, 1_000_000_000);
    Require.inRange("confidence", confidence, 0.5, 0.999999);
  }
}
