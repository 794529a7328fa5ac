package org.basin.data;

import org.basin.Require;
import org.jspecify.annotations.Nullable;

/**
 * Corruption of training labels; validation and test labels always stay clean.
 *
 * @param kind how a chosen label changes
 * @param fraction probability that a training label is chosen, independently of the others, 0 to 1
 * @param seed of the choice; null (the default) draws it anew for each replica from its own seed, a
 *     number gives every replica the same corrupted labels
 */
public record LabelNoiseOptions(LabelNoise kind, double fraction, @Nullable Long seed) {
  /** No noise. */
  public static final LabelNoiseOptions DEFAULTS =
      new LabelNoiseOptions(LabelNoise.NONE, 0.0, null);

  /** Checks the fraction's range. */
  public LabelNoiseOptions {
    Require.inRange("fraction", fraction, 0.0, 1.0);
    Require.that(
        kind != LabelNoise.NONE || fraction == 0.0,
        "kind",
        "is none, but fraction is " + fraction + "; allowed with a fraction: redraw, flip");
  }
}
