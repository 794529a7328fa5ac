package org.basin.engine.cuda;

import org.basin.train.LossFunction;
import org.basin.train.OptimizerKind;
import org.basin.train.Subset;
import org.jspecify.annotations.Nullable;

/**
 * Steps of networks that are small enough for the shared memory of a multiprocessor: one block a
 * replica, any number of steps a launch. The kernel is in {@code persistent.cu}.
 */
final class PersistentSteps {
  /**
   * Multiply-adds of a replica's step beyond which the whole GPU's matrix products take it sooner
   * than a block alone: a multiprocessor's 128 a cycle, half of them reached, against the fifteen
   * launches that a step of the other path takes at 2 microseconds each. Reckoned, not measured.
   */
  private static final double MOST_MULTIPLY_ADDS = 4e6;

  private final Gpu gpu;
  private final StackLayout stack;
  private final PersistentLayout layout;
  private final StackData data;
  private final StackNumbers numbers;
  private final StackOptimizer optimizer;
  private final DeviceArena.Words plan;

  private PersistentSteps(
      DeviceArena arena,
      Gpu gpu,
      StackLayout stack,
      PersistentLayout layout,
      StackData data,
      StackNumbers numbers,
      StackOptimizer optimizer) {
    this.gpu = gpu;
    this.stack = stack;
    this.layout = layout;
    this.data = data;
    this.numbers = numbers;
    this.optimizer = optimizer;
    plan = arena.reserve(layout.plan().length);
  }

  /**
   * Reserves the buffers.
   *
   * @param batch examples a step at most
   * @return null when a replica does not fit into a multiprocessor's shared memory, or is better
   *     served by the whole GPU
   */
  static @Nullable PersistentSteps of(
      DeviceArena arena,
      Gpu gpu,
      StackLayout stack,
      LossFunction loss,
      OptimizerKind kind,
      StackData data,
      StackNumbers numbers,
      StackOptimizer optimizer,
      int batch) {
    if (3.0 * batch * stack.spec().parameterCount() > MOST_MULTIPLY_ADDS) {
      return null;
    }
    PersistentLayout layout =
        PersistentLayout.of(stack.spec(), loss, kind, batch, gpu.description().sharedMemory());
    return layout == null
        ? null
        : new PersistentSteps(arena, gpu, stack, layout, data, numbers, optimizer);
  }

  /** Copies what does not change from step to step. */
  void upload(Stream stream) {
    stream.write(plan, 0, layout.plan());
    // Of all stacks alike: the bound is the kernel's, not the launch's.
    kernel().allowSharedMemory(gpu.description().sharedMemory());
  }

  private Kernel kernel() {
    return gpu.kernel("persistent.cu", "persistent_steps");
  }

  /**
   * Enqueues {@code steps} steps of every replica.
   *
   * @param orders indices of training examples, {@code [R, length]}: step i takes {@code batch}
   *     from i batch on, fewer where they end
   */
  void enqueue(
      Stream stream, int replicas, DeviceArena.Words orders, int length, int batch, int steps) {
    // One wave of blocks after the other where a kernel must not run for seconds.
    GpuDescription on = gpu.description();
    int most = on.limitsTime() ? on.multiprocessors() : replicas;
    for (int first = 0; first < replicas; first += most) {
      kernel()
          .launchBlocks(
              stream,
              1,
              Math.min(most, replicas - first),
              layout.threads(),
              layout.sharedBytes(),
              numbers.theta.address(),
              numbers.first == null ? 0L : numbers.first.address(),
              numbers.second == null ? 0L : numbers.second.address(),
              stack.thetaStride(),
              numbers.runningMean.address(),
              numbers.runningVariance.address(),
              optimizer.hyper.address(),
              optimizer.smoothing.address(),
              data.inputs(Subset.TRAIN),
              data.labels(Subset.TRAIN),
              orders.address(),
              optimizer.rates(),
              optimizer.norms(),
              plan.address(),
              layout.plan().length,
              stack.inputStride(0),
              length,
              batch,
              steps,
              first);
    }
  }
}
