package org.basin.engine.cpu;

import org.basin.InvalidInputException;
import org.basin.Machine;
import org.basin.data.Examples;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.train.EngineDescription;
import org.basin.train.Objective;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;

/** Objectives on the CPU. */
public final class CpuObjectiveEngine implements ObjectiveEngine {
  private final int workers;
  private final EngineDescription description;

  /**
   * Loads OpenBLAS.
   *
   * @param workers cores that one objective may use; results do not depend on it
   * @throws InvalidInputException when OpenBLAS cannot be loaded
   */
  public CpuObjectiveEngine(int workers) {
    String problem = OpenBlas.problem();
    if (problem != null) {
      throw new InvalidInputException(problem);
    }
    this.workers = Math.min(workers, OpenBlas.MOST_THREADS);
    description =
        new EngineDescription(
            "cpu", Machine.processor(), "float32", "OpenBLAS, kernels for " + OpenBlas.core());
  }

  @Override
  public EngineDescription description() {
    return description;
  }

  @Override
  public Objective objective(
      MlpSpec spec, ObjectiveOptions options, Examples data, NetworkState statistics) {
    return new CpuObjective(
        spec, options, data, statistics, workers, CpuObjective.CHUNK_ROWS, CpuObjective.MOST_KEPT);
  }

  @Override
  public void close() {
    // OpenBLAS lives as long as the process.
  }
}
