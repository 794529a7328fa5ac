package org.basin.engine.cuda;

import org.basin.data.Examples;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.train.EngineDescription;
import org.basin.train.Objective;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;

/** Objectives on NVIDIA GPUs, each on the GPU that has the fewest pieces of work. */
public final class CudaObjectiveEngine implements ObjectiveEngine {
  private final GpuPool pool;
  private final boolean tf32;

  /**
   * Objectives on GPUs that are closed by who opened them.
   *
   * @param tf32 whether factors of matrix products may be rounded to TF32 (11 bits of precision)
   */
  CudaObjectiveEngine(GpuPool pool, boolean tf32) {
    this.pool = pool;
    this.tf32 = tf32;
  }

  /** As above, on one GPU. */
  CudaObjectiveEngine(Gpu gpu, boolean tf32) {
    this(GpuPool.of(gpu), tf32);
  }

  @Override
  public EngineDescription description() {
    return pool.description(tf32);
  }

  @Override
  public Objective objective(
      MlpSpec spec, ObjectiveOptions options, Examples data, NetworkState statistics) {
    Gpu gpu = pool.take();
    try {
      return new CudaObjective(
          gpu,
          tf32,
          spec,
          options,
          data,
          statistics,
          CudaObjective.CHUNK_ROWS,
          true,
          () -> pool.giveBack(gpu));
    } catch (CudaException failure) {
      pool.giveBack(gpu);
      throw failure.kind() == CudaException.Kind.LOST ? gpu.lost(failure) : failure;
    } catch (RuntimeException | Error failure) {
      pool.giveBack(gpu);
      throw failure;
    }
  }

  @Override
  public void close() {
    // The GPUs are closed by who opened them.
  }
}
