package org.basin.engine.cuda;

/**
 * Which networks of an {@link ObjectiveStack} take part, each with as many vectors or points: item
 * i is of the network {@code first + i % networks}.
 *
 * @param first the first network
 * @param networks how many, one behind the other
 * @param lanes items of each
 */
record ObjectiveBatch(int first, int networks, int lanes) {
  /** Number of items. */
  int count() {
    return networks * lanes;
  }

  /** The item of a network that takes part. */
  int item(int network, int lane) {
    return lane * networks + network - first;
  }
}
