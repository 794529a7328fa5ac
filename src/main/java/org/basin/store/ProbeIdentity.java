package org.basin.store;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import org.basin.landscape.ProbeConditions;
import org.basin.train.ObjectiveOptions;
import org.jspecify.annotations.Nullable;

/**
 * What decides a probe's measurement of one replica: where two are equal, so are their numbers.
 *
 * @param probe its name
 * @param version of the probe
 * @param conditions objective, batch-norm statistics, examples, interval, seed
 * @param options its own options, every one with its value
 * @param objective what is measured, resolved: loss, smoothing, penalty, batch-norm policy
 * @param engine name of the engine, and its precision where that is not float32
 * @param configHash the replica's
 * @param dataHash the data's
 * @param partner the other network; null, and left out of the file, for a probe of single networks
 */
public record ProbeIdentity(
    String probe,
    int version,
    ProbeConditions conditions,
    JsonNode options,
    ObjectiveOptions objective,
    String engine,
    String configHash,
    String dataHash,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable PartnerIdentity partner) {}
