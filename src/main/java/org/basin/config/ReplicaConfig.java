package org.basin.config;

import org.basin.data.DataOptions;
import org.basin.model.ModelOptions;
import org.basin.train.TrainingOptions;

/**
 * Everything that decides what one replica is, its seed aside: the semantic part of an experiment
 * file, fully resolved.
 *
 * @param data which data, and how it is prepared
 * @param model the architecture
 * @param training how it is trained
 */
public record ReplicaConfig(DataOptions data, ModelOptions model, TrainingOptions training) {
  /** Every default. */
  public static final ReplicaConfig DEFAULTS =
      new ReplicaConfig(DataOptions.DEFAULTS, ModelOptions.DEFAULTS, TrainingOptions.DEFAULTS);
}
