package org.basin.landscape;

import org.basin.model.NetworkState;

/**
 * The other network of a comparison, of the subject's architecture.
 *
 * @param seed its root seed
 * @param state its numbers; the probe only reads them
 * @param initial its parameters before training, {@code [P]}
 */
public record Partner(long seed, NetworkState state, float[] initial) {}
