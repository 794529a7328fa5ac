package org.basin;

import java.util.SplittableRandom;

/**
 * The random streams of one replica, one a purpose, split in this order from its root seed.
 *
 * <p>Everything random in a replica is drawn on the host from these, so that every engine sees the
 * same initialisation, the same shuffles and the same label noise, and so that switching one
 * purpose off does not move another.
 *
 * @param initialization initial parameters
 * @param shuffle order of the training examples, epoch after epoch
 * @param labelNoise which training labels are corrupted, and to what
 */
public record RandomStreams(
    SplittableRandom initialization, SplittableRandom shuffle, SplittableRandom labelNoise) {

  /** The streams of the replica with root seed {@code seed}; every seed is valid, 0 included. */
  public static RandomStreams of(long seed) {
    SplittableRandom root = new SplittableRandom(seed);
    return new RandomStreams(root.split(), root.split(), root.split());
  }
}
