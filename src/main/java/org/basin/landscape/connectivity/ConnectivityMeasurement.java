package org.basin.landscape.connectivity;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What there is to say of the paths that a {@link ConnectivityProbe} has measured.
 *
 * @param partnerSeed root seed of the other network
 * @param trainExamples number of training examples that losses are means over; they are the first
 *     network's
 * @param testExamples number of test examples
 * @param movedUnits hidden units of the partner that alignment renumbers; null where it was not
 *     asked for
 * @param paths one for each path
 */
public record ConnectivityMeasurement(
    long partnerSeed,
    int trainExamples,
    int testExamples,
    @Nullable Integer movedUnits,
    List<Path> paths) {

  /**
   * A path.
   *
   * @param name {@code linear}, {@code aligned}, {@code bezier} or {@code polygon}
   * @param length its length over that of the straight line between the same ends
   * @param trainLoss its barriers of the training loss
   * @param trainError of the training error
   * @param testLoss of the test loss
   * @param testError of the test error
   */
  public record Path(
      String name,
      double length,
      Barrier trainLoss,
      Barrier trainError,
      Barrier testLoss,
      Barrier testError) {}

  public ConnectivityMeasurement {
    paths = List.copyOf(paths);
  }
}
