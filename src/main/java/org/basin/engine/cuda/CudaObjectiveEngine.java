package org.basin.engine.cuda;

import org.basin.data.Examples;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.train.EngineDescription;
import org.basin.train.Objective;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;

/** Objectives on a GPU. */
public final class CudaObjectiveEngine implements ObjectiveEngine {
  private final Gpu gpu;
  private final boolean tf32;

  /**
   * Objectives on {@code gpu}, which is whoever's it was.
   *
   * @param tf32 whether factors of matrix products may be rounded to TF32 (11 bits of precision)
   */
  CudaObjectiveEngine(Gpu gpu, boolean tf32) {
    this.gpu = gpu;
    this.tf32 = tf32;
  }

  @Override
  public EngineDescription description() {
    return new EngineDescription(
        "cuda", gpu.description().toString(), tf32 ? "tf32" : "float32", "cuBLAS");
  }

  @Override
  public Objective objective(
      MlpSpec spec, ObjectiveOptions options, Examples data, NetworkState statistics) {
    return new CudaObjective(
        gpu, tf32, spec, options, data, statistics, CudaObjective.CHUNK_ROWS, true);
  }

  @Override
  public void close() {
    // The GPU is closed by who opened it.
  }
}
