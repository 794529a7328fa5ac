package org.basin.store;

import org.basin.train.ObjectiveOptions;

/**
 * What decides a probe's measurement of one replica: where two are equal, so are their numbers.
 *
 * @param probe its name
 * @param options its options, a record
 * @param objective what is measured: loss, smoothing, penalty, batch-norm policy
 * @param data which examples, e.g. {@code train}
 * @param seed of the probe's random vectors, together with the replica's
 * @param engine name of the engine
 * @param configHash the replica's
 * @param dataHash the data's
 */
public record ProbeRequest(
    String probe,
    Object options,
    ObjectiveOptions objective,
    String data,
    long seed,
    String engine,
    String configHash,
    String dataHash) {}
