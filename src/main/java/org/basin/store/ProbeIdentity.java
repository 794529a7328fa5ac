package org.basin.store;

import com.fasterxml.jackson.databind.JsonNode;
import org.basin.landscape.ProbeConditions;
import org.basin.train.ObjectiveOptions;

/**
 * What decides a probe's measurement of one replica: where two are equal, so are their numbers.
 *
 * @param probe its name
 * @param version of the probe
 * @param conditions objective, batch-norm statistics, examples, interval, seed
 * @param options its own options, every one with its value
 * @param objective what is measured, resolved: loss, smoothing, penalty, batch-norm policy
 * @param engine name of the engine
 * @param configHash the replica's
 * @param dataHash the data's
 */
public record ProbeIdentity(
    String probe,
    int version,
    ProbeConditions conditions,
    JsonNode options,
    ObjectiveOptions objective,
    String engine,
    String configHash,
    String dataHash) {}
