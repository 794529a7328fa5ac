package org.basin.engine.cuda;

import java.util.ArrayList;
import java.util.List;
import org.basin.InvalidInputException;
import org.basin.model.MlpSpec;
import org.basin.train.EngineDescription;
import org.basin.train.EngineOptions;
import org.basin.train.Precision;
import org.basin.train.TrainingEngine;
import org.basin.train.TrainingLoop;
import org.basin.train.TrainingOptions;
import org.basin.train.TrainingOutcome;
import org.basin.train.TrainingProgress;
import org.basin.train.TrainingTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains stacks of replicas on NVIDIA GPUs. Stacks of several calls run side by side, each on a
 * stream of its own, on the GPU that has the fewest of them.
 */
public final class CudaEngine implements TrainingEngine {
  private static final Logger LOG = LoggerFactory.getLogger(CudaEngine.class);

  /** Replicas of a stack at most: what fills any GPU, and what one failure loses. */
  public static final int STACK_SIZE = 256;

  /**
   * Stacks on a GPU at once: a sweep over width has many shapes of few replicas, and one alone
   * leaves most of a GPU idle.
   */
  private static final int STACKS_A_GPU = 16;

  private final GpuPool pool;
  private final boolean tf32;

  /**
   * Takes the GPUs into use.
   *
   * @throws InvalidInputException when there are none, naming what was found and what is needed
   */
  public CudaEngine(EngineOptions options) {
    this(GpuPool.of(CudaPlatform.search(), options), options.precision() == Precision.TF32);
  }

  CudaEngine(GpuPool pool, boolean tf32) {
    this.pool = pool;
    this.tf32 = tf32;
  }

  /** Why the engine cannot be used here; null when it can. Loads the libraries to find out. */
  public static @Nullable String problem(EngineOptions options) {
    return CudaDevices.of(options).problem();
  }

  /**
   * Refuses a network that no GPU here holds, before anything of it is allocated.
   *
   * @throws InvalidInputException naming the bytes needed and available
   */
  public static void requireRoom(
      EngineOptions engine, MlpSpec spec, TrainingOptions options, int trainingExamples) {
    if (CudaStack.longestBatch(spec, options, trainingExamples) > CudaStack.MOST_INDEXED) {
      throw new InvalidInputException(
          "a batch of this network has an array of more than 2^31 numbers; allowed: a smaller"
              + " batchSize or width");
    }
    long needed = CudaStack.leastBytes(spec, options, trainingExamples);
    long most =
        CudaDevices.of(engine).gpus().stream()
            .mapToLong(GpuDescription::memory)
            .max()
            .orElseThrow();
    if (needed > most) {
      throw new InvalidInputException(
          "a network of this size needs %,d MiB of GPU memory, the largest GPU has %,d MiB; allowed: a smaller model or batch"
              .formatted(Math.ceilDiv(needed, 1 << 20), most >> 20));
    }
  }

  /** What the engine computes with here; there must be no problem. */
  public static String summary(EngineOptions options) {
    CudaDevices devices = CudaDevices.of(options);
    return devices.words() + ", " + devices.platform().versions();
  }

  /**
   * What matrix products reach on the first GPU.
   *
   * @return 10^9 floating-point operations a second, two a multiply-add
   * @throws InterruptedException when the thread was interrupted
   */
  public double matrixGflops(int rows, int columns, int inner, int batch, double seconds)
      throws InterruptedException {
    Gpu gpu = pool.gpus().getFirst();
    try {
      return MatrixRate.gflops(gpu, tf32, rows, columns, inner, batch, seconds);
    } catch (CudaException failure) {
      throw gpu.told(failure);
    }
  }

  @Override
  public EngineDescription description() {
    return pool.description(tf32);
  }

  @Override
  public int stackSize() {
    return STACK_SIZE;
  }

  @Override
  public int stacksAtOnce() {
    return STACKS_A_GPU * devices();
  }

  @Override
  public int devices() {
    return pool.gpus().size();
  }

  @Override
  public List<TrainingOutcome> train(List<TrainingTask> stack, TrainingProgress progress)
      throws InterruptedException {
    Gpu gpu = pool.take();
    try {
      gpu.enter();
      return train(gpu, stack, progress);
    } catch (CudaException failure) {
      throw gpu.told(failure);
    } finally {
      pool.giveBack(gpu);
    }
  }

  /** Trains a stack whole, or where memory does not hold it in two halves, and so on. */
  private List<TrainingOutcome> train(Gpu gpu, List<TrainingTask> tasks, TrainingProgress progress)
      throws InterruptedException {
    try (CudaStack stack = CudaStack.of(gpu, tasks, tf32)) {
      return TrainingLoop.run(tasks, stack, progress);
    } catch (CudaException failure) {
      if (failure.kind() != CudaException.Kind.OUT_OF_MEMORY) {
        throw failure;
      }
      if (tasks.size() == 1) {
        throw new InvalidInputException(
            "a network of this size does not fit: %s; allowed: a smaller model or batch"
                .formatted(failure.getMessage()));
      }
      int half = tasks.size() / 2;
      LOG.info(
          "{}; training {} replicas, then {}", failure.getMessage(), half, tasks.size() - half);
      List<TrainingOutcome> outcomes =
          new ArrayList<>(train(gpu, tasks.subList(0, half), progress));
      outcomes.addAll(train(gpu, tasks.subList(half, tasks.size()), progress));
      return outcomes;
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
