package org.basin.plan;

import java.util.List;
import java.util.Map;
import org.basin.config.ReplicaConfig;

/**
 * All replicas that differ in nothing but the seed.
 *
 * @param name readable and unique within a sweep: the settings that vary and eight digits of the
 *     hash, e.g. {@code width=256-1f3c9a2b}; also the folder's name
 * @param varying the settings that vary in the sweep and this point's values, in the sweep's order
 * @param config the resolved configuration
 * @param configHash SHA-256 (hex) of the canonical form of {@code config}
 * @param seeds root seeds of the replicas
 */
public record Point(
    String name,
    Map<String, Object> varying,
    ReplicaConfig config,
    String configHash,
    List<Long> seeds) {}
