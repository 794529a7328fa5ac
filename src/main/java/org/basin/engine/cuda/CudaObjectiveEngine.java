package org.basin.engine.cuda;

import java.util.List;
import java.util.Optional;
import org.basin.InvalidInputException;
import org.basin.data.Examples;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.ParameterLayout;
import org.basin.train.EngineDescription;
import org.basin.train.EngineOptions;
import org.basin.train.Objective;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;
import org.basin.train.Precision;
import org.basin.train.SideBySide;

/** Objectives on NVIDIA GPUs, each on the GPU that has the fewest pieces of work. */
public final class CudaObjectiveEngine implements ObjectiveEngine {
  /** Networks of a group: more of the smallest no longer make launches cheaper. */
  private static final int MOST = 64;

  /** Part of the GPU's memory that a group may take, reckoned with {@link #bytes}. */
  private static final int MEMORY_PART = 8;

  private static final long ARRAYS = 8; // of an activation's shape: points', and a vector's
  private static final long VECTORS = 700; // pairs' own basis, and five runs of the density
  private static final long MOST_FLOATS = 3L << 26; // bases are no longer than this together,
  private static final long FEWEST = 64; // unless of the vectors that restarts and products need

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
          new ObjectiveStack(gpu, tf32, one, ObjectiveStack.CHUNK_ROWS, true, true),
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
  public Optional<SideBySide> sideBySide() {
    return Optional.of(new Groups());
  }

  private final class Groups implements SideBySide {
    @Override
    public int most(MlpSpec spec, int examples) {
      long memory = pool.gpus().stream().mapToLong(gpu -> gpu.memory().whole()).min().orElseThrow();
      return Math.clamp(memory / MEMORY_PART / bytes(spec, examples), 1, MOST);
    }

    /** One for the host's part of the work, one for the GPU's. */
    @Override
    public int groups() {
      return 2 * pool.gpus().size();
    }

    @Override
    public List<ObjectiveEngine> engines(int count) {
      Gpu gpu = pool.take();
      return new ObjectiveGathering(gpu, tf32, description(), count, () -> pool.giveBack(gpu))
          .engines();
    }
  }

  /**
   * Bytes for the measuring of one network, about: passes over all examples, and Krylov vectors as
   * a Hessian's spectrum takes them.
   */
  private static long bytes(MlpSpec spec, int examples) {
    long units = spec.outputs();
    for (int width : spec.hidden()) {
      units += width;
    }
    long parameters = new ParameterLayout(spec).size();
    long passes = ARRAYS * examples * units;
    long krylov = Math.min(VECTORS * parameters, Math.max(MOST_FLOATS, FEWEST * parameters));
    return Float.BYTES * (passes + krylov);
  }

  @Override
  public void close() {
    pool.close();
  }
}
