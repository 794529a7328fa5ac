package org.basin.store;

import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.basin.train.HistoryRow;

/**
 * A replica as a run folder holds it.
 *
 * @param folder its folder, relative to the run's
 * @param varying the settings that vary in this sweep and this replica's values, e.g. {@code
 *     model.width} to {@code 64}, in the sweep's order
 * @param result its {@code result.json}
 * @param history its {@code history.csv}
 * @param probes what probes measured of it, by their names
 */
public record CompletedReplica(
    String folder,
    Map<String, String> varying,
    ReplicaResult result,
    List<HistoryRow> history,
    SequencedMap<String, ProbeResult> probes) {}
