package org.basin.store;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;

/**
 * What a run folder holds when it is read back, whole or in part.
 *
 * @param directory the run folder
 * @param name name of the experiment
 * @param description what the experiment shows, from its file; may be empty
 * @param experimentYaml the experiment file as it was run, overrides applied
 * @param provenance {@code provenance.json}
 * @param planned number of replicas in the plan
 * @param varying paths of the settings that vary, in the sweep's order
 * @param replicas those that are done, in the plan's order
 * @param studies those of the experiment that are done, in its order
 */
public record CompletedRun(
    Path directory,
    String name,
    String description,
    String experimentYaml,
    JsonNode provenance,
    int planned,
    List<String> varying,
    List<CompletedReplica> replicas,
    List<StudyResult> studies) {}
