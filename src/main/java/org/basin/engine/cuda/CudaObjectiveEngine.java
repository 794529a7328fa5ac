package org.basin.engine.cuda;

import java.util.List;
import org.basin.InvalidInputException;
import org.basin.data.Examples;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.train.EngineDescription;
import org.basin.train.EngineOptions;
import org.basin.train.Objective;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;
import org.basin.train.Precision;

/** Objectives on NVIDIA GPUs, each on the GPU that has the fewest pieces of work. */
public final class CudaObjectiveEngine implements ObjectiveEngine {
  private final GpuPool pool;
  private final boolean tf32;

  /**
   * Takes the GPUs into use.
   *
   * @throws InvalidInputException when there are none, naming what was found and what is needed
   */
  public CudaObjectiveEngine(EngineOptions options) {
    this(GpuPool.of(CudaPlatform.search(), options), options.precision() == Precision.TF32);
  }

  CudaObjectiveEngine(GpuPool pool, boolean tf32) {
    this.pool = pool;
    this.tf32 = tf32;
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
      ObjectiveStack.Request one =
          new ObjectiveStack.Request(spec, options, List.of(data), List.of(statistics));
      return CudaObjective.alone(
          new ObjectiveStack(gpu, tf32, one, ObjectiveStack.CHUNK_ROWS, true),
          () -> pool.giveBack(gpu));
    } catch (CudaException failure) {
      pool.giveBack(gpu);
      throw gpu.told(failure);
    } catch (RuntimeException | Error failure) {
      pool.giveBack(gpu);
      throw failure;
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
