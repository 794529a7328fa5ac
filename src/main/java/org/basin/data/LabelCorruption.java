package org.basin.data;

import java.util.SplittableRandom;
import org.basin.RandomStreams;

/** Corrupts training labels as {@link LabelNoiseOptions} say. */
final class LabelCorruption {
  private LabelCorruption() {}

  /** Whether replicas with different seeds get different labels. */
  static boolean dependsOnReplica(LabelNoiseOptions options) {
    return corrupts(options) && options.seed() == null;
  }

  /** Whether any label may change. */
  static boolean corrupts(LabelNoiseOptions options) {
    return options.kind() != LabelNoise.NONE && options.fraction() > 0;
  }

  /**
   * A corrupted copy of {@code labels}.
   *
   * <p>Each label draws twice, chosen or not, so that a larger fraction corrupts the labels that a
   * smaller one does, in the same way, and more.
   *
   * @param classes number of classes K
   * @param replicaSeed root seed of the replica, used when the options name no seed
   */
  static int[] apply(int[] labels, int classes, LabelNoiseOptions options, long replicaSeed) {
    Long seed = options.seed();
    SplittableRandom random =
        seed == null ? RandomStreams.of(replicaSeed).labelNoise() : new SplittableRandom(seed);
    int[] corrupted = labels.clone();
    for (int i = 0; i < corrupted.length; i++) {
      boolean chosen = random.nextDouble() < options.fraction();
      double share = random.nextDouble();
      if (!chosen) {
        continue;
      }
      switch (options.kind()) {
        case NONE -> {}
        case REDRAW -> corrupted[i] = (int) (share * classes);
        case FLIP -> corrupted[i] = (labels[i] + 1 + (int) (share * (classes - 1))) % classes;
      }
    }
    return corrupted;
  }
}
