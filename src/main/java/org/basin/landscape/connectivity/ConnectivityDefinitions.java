package org.basin.landscape.connectivity;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** What each scalar of the connectivity probe is. */
final class ConnectivityDefinitions {
  static final SequencedMap<String, String> SCALARS = scalars();

  private ConnectivityDefinitions() {}

  private static SequencedMap<String, String> scalars() {
    SequencedMap<String, String> scalars = new LinkedHashMap<>();
    path(scalars, "linear", "the straight line between both networks");
    path(
        scalars,
        "aligned",
        "the straight line after the second's units were renumbered to match the first's");
    path(scalars, "bezier", "the trained Bézier curve between both networks");
    path(scalars, "polygon", "the trained polygon between both networks");
    scalars.put("distance", "‖θ − θ′‖, how far the two networks are apart");
    scalars.put(
        "alignedDistance",
        "‖θ − θ′‖ after the second network's hidden units were renumbered to match the"
            + " first's");
    scalars.put(
        "bezierLength",
        "Length of the trained Bézier curve / length of the straight line between its ends");
    scalars.put(
        "polygonLength",
        "Length of the trained polygon / length of the straight line between its ends");
    return scalars;
  }

  /** The barriers of one path, which is called {@code along} in words. */
  private static void path(SequencedMap<String, String> scalars, String path, String along) {
    for (String split : List.of("train", "test")) {
      String examples = split.equals("train") ? "training" : "test";
      put(
          scalars,
          path,
          split + "LossBarrier",
          "max L(t) − [(1 − t) L(0) + t L(1)], how high the %s loss rises on %s above the"
                  .formatted(examples, along)
              + " straight line between its two end values");
      put(
          scalars,
          path,
          split + "ErrorBarrier",
          "How high the misclassified share of %s examples rises on %s above the straight line"
                  .formatted(examples, along)
              + " between its two end values");
    }
    put(
        scalars,
        path,
        "trainLossBarrierAboveMean",
        "max L(t) − ½ (L(0) + L(1)), how high the training loss rises on "
            + along
            + " above the mean of its ends");
    put(
        scalars,
        path,
        "trainLossBarrierAboveHigherEnd",
        "max L(t) − max(L(0), L(1)), how high the training loss rises on "
            + along
            + " above its higher end");
  }

  private static void put(
      SequencedMap<String, String> scalars, String path, String name, String definition) {
    scalars.put(ConnectivityProbe.scalar(path, name), definition);
  }
}
