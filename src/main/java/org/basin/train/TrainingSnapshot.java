package org.basin.train;

import org.basin.model.NetworkState;
import org.jspecify.annotations.Nullable;

/**
 * A network between two steps of its training.
 *
 * @param step steps done
 * @param learningRate scheduled rate η of the next step, of the last one after the end
 * @param state a copy of its numbers
 * @param secondMoment a copy of Adam's uncorrected second moment v, {@code [P]}; null for
 *     optimisers without one, and from an engine that does not tell
 */
public record TrainingSnapshot(
    long step, double learningRate, NetworkState state, float @Nullable [] secondMoment) {}
