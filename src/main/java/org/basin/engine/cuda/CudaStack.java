package org.basin.engine.cuda;

import java.util.List;
import org.basin.RandomStreams;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.train.LossEvaluation;
import org.basin.train.OptimizerKind;
import org.basin.train.Subset;
import org.basin.train.TrainableStack;
import org.basin.train.TrainingOptions;
import org.basin.train.TrainingTask;
import org.jspecify.annotations.Nullable;

/**
 * Replicas of one shape in training on a GPU, in lock-step, and many steps without the host: those
 * of a call in one launch where the network is small ({@link PersistentSteps}); otherwise recorded
 * as a graph when a call of its length comes again.
 */
final class CudaStack implements TrainableStack {
  /** Most steps of a call; {@link org.basin.train.TrainingLoop} asks for no more. */
  private static final int MOST_STEPS = 256;

  /** Values of a replica's array that kernels count with an int, a block's overshoot included. */
  static final long MOST_INDEXED = Integer.MAX_VALUE - 8192L;

  private final Gpu gpu;
  private final Parts parts;
  private final Stream stream;
  private final Products products;
  private final Recordings<Call> recordings;
  private int replicas;

  /** What distinguishes the work of one call of {@link #step} from another's. */
  private record Call(int examples, int batch, int steps) {}

  private CudaStack(Gpu gpu, Parts parts, Stream stream, Products products, int replicas) {
    this.gpu = gpu;
    this.parts = parts;
    this.stream = stream;
    this.products = products;
    recordings = new Recordings<>(stream);
    this.replicas = replicas;
  }

  /**
   * What a stack has on a GPU; reserved in one arena, which is allocated when all is.
   *
   * @param persistent null where replicas are too large for it
   * @param orders indices of the examples of a call, {@code [R, examples]}
   * @param sums of losses and wrong predictions, {@code [R, 2]} doubles
   * @param workspace of cuBLAS
   */
  private record Parts(
      DeviceArena arena,
      StackData data,
      StackNumbers numbers,
      StackPass pass,
      StackOptimizer optimizer,
      @Nullable PersistentSteps persistent,
      DeviceArena.Words orders,
      DeviceArena.Words sums,
      DeviceArena.Words workspace) {

    static Parts of(Gpu gpu, List<TrainingTask> tasks) {
      DeviceArena arena = new DeviceArena(gpu.memory());
      TrainingTask first = tasks.getFirst();
      StackLayout layout = new StackLayout(first.spec());
      TrainingOptions options = first.options();
      int replicas = tasks.size();
      int examples = first.data().train().count();
      int batch = options.batchSize().resolve(examples);
      StackData data =
          new StackData(arena, layout, tasks.stream().map(TrainingTask::data).toList());
      StackNumbers numbers = new StackNumbers(arena, layout, options.optimizer().name(), replicas);
      StackPass pass =
          new StackPass(arena, gpu, layout, options.loss(), data, numbers, replicas, batch);
      StackOptimizer optimizer =
          new StackOptimizer(
              arena,
              gpu,
              layout,
              numbers,
              tasks.stream().map(TrainingTask::options).toList(),
              Math.min(MOST_STEPS, Math.ceilDiv(examples, batch)));
      PersistentSteps persistent =
          PersistentSteps.of(
              arena,
              gpu,
              layout,
              options.loss(),
              options.optimizer().name(),
              data,
              numbers,
              optimizer,
              batch);
      DeviceArena.Words orders =
          arena.reserve((long) replicas * Math.min(examples, (long) MOST_STEPS * batch));
      DeviceArena.Words sums = arena.reserveDoubles(2L * replicas);
      DeviceArena.Words workspace = arena.reserve(Products.WORKSPACE_BYTES / 4);
      return new Parts(arena, data, numbers, pass, optimizer, persistent, orders, sums, workspace);
    }
  }

  /**
   * Bytes that a replica takes at least: its numbers, its training examples, a batch's activations
   * and what comes back through them.
   */
  static long leastBytes(MlpSpec spec, TrainingOptions options, int trainingExamples) {
    StackLayout layout = new StackLayout(spec);
    OptimizerKind optimizer = options.optimizer().name();
    long vectors = 2L + (optimizer == OptimizerKind.SGD ? 0 : 1) + (optimizer.adaptive() ? 1 : 0);
    long batch = options.batchSize().resolve(trainingExamples);
    long values = vectors * layout.thetaStride();
    values += trainingExamples * (long) layout.inputStride(0) + batch * layout.inputStride(0);
    for (int l = 0; l < spec.layers() - 1; l++) {
      values += 2 * batch * layout.stride(l);
    }
    return Float.BYTES * values + Products.WORKSPACE_BYTES;
  }

  /** Values of the longest array of a replica's batch. */
  static long longestBatch(MlpSpec spec, TrainingOptions options, int trainingExamples) {
    StackLayout layout = new StackLayout(spec);
    long widest = layout.outputStride();
    for (int l = 0; l < spec.layers(); l++) {
      widest = Math.max(widest, layout.inputStride(l));
    }
    return widest * options.batchSize().resolve(trainingExamples);
  }

  /**
   * The replicas before their first step, on the calling thread's GPU.
   *
   * @throws CudaException of kind OUT_OF_MEMORY when they do not fit
   * @throws InterruptedException when the thread was interrupted while it waited for memory
   */
  static CudaStack of(Gpu gpu, List<TrainingTask> tasks, boolean tf32) throws InterruptedException {
    Parts parts = Parts.of(gpu, tasks);
    parts.arena.allocate();
    Stream stream = null;
    Products products = null;
    try {
      stream = new Stream(gpu);
      products = new Products(gpu, stream, parts.workspace, tf32);
      parts.data.upload(stream);
      parts.numbers.upload(stream, tasks.stream().map(CudaStack::initial).toList());
      parts.pass.upload(stream);
      parts.optimizer.upload(stream);
      if (parts.persistent != null) {
        parts.persistent.upload(stream);
      }
      stream.synchronize();
    } catch (RuntimeException | Error failure) {
      close(products, stream, parts.arena);
      throw failure;
    }
    return new CudaStack(gpu, parts, stream, products, tasks.size());
  }

  private static NetworkState initial(TrainingTask task) {
    return Initialization.draw(task.spec(), RandomStreams.of(task.seed()).initialization());
  }

  private static void close(
      @Nullable Products products, @Nullable Stream stream, DeviceArena arena) {
    try {
      if (products != null) {
        products.close();
      }
    } finally {
      try {
        if (stream != null) {
          stream.close();
        }
      } finally {
        arena.close();
      }
    }
  }

  @Override
  public int size() {
    return replicas;
  }

  @Override
  public void step(int[][] orders, int from, int batch, double[][] learningRates, double[] norms) {
    if (Thread.currentThread().isInterrupted()) {
      return;
    }
    gpu.enter(); // between two calls the thread may have measured something on another
    int steps = learningRates[0].length;
    int examples = (int) Math.min((long) steps * batch, orders[0].length - from);
    int[] indices = new int[Math.multiplyExact(replicas, examples)];
    for (int r = 0; r < replicas; r++) {
      System.arraycopy(orders[r], from, indices, r * examples, examples);
    }
    stream.write(parts.orders, 0, indices);
    parts.optimizer.beginCall(stream, learningRates);
    Call call = new Call(examples, batch, steps);
    if (parts.persistent != null) {
      parts.persistent.enqueue(stream, replicas, parts.orders, examples, batch, steps);
    } else {
      recordings.enqueue(call, () -> enqueue(call));
    }
    parts.optimizer.readNorms(stream, norms);
  }

  private void enqueue(Call call) {
    for (int s = 0; s < call.steps; s++) {
      int first = s * call.batch;
      int rows = Math.min(call.batch, call.examples - first);
      parts.pass.gradient(
          stream, products, parts.orders, call.examples, first, rows, parts.optimizer.smoothing);
      parts.optimizer.step(stream, s, call.steps, s == call.steps - 1);
    }
  }

  @Override
  public LossEvaluation[] evaluate(Subset subset, boolean smoothed) {
    gpu.enter();
    parts.pass.evaluate(
        stream, products, subset, smoothed ? parts.optimizer.smoothing : null, parts.sums);
    double[] values = new double[2 * replicas];
    stream.read(parts.sums, values);
    stream.synchronize();
    LossEvaluation[] evaluations = new LossEvaluation[replicas];
    int count = parts.data.count(subset);
    for (int r = 0; r < replicas; r++) {
      // 0 / 0 is NaN, as it should be of no examples
      evaluations[r] = new LossEvaluation(values[2 * r] / count, values[2 * r + 1] / count);
    }
    return evaluations;
  }

  @Override
  public NetworkState state(int r) {
    gpu.enter();
    return parts.numbers.read(stream, r);
  }

  @Override
  public float @Nullable [] secondMoment(int r) {
    gpu.enter();
    return parts.numbers.readSecond(stream, r);
  }

  @Override
  public void restore(int r, NetworkState state) {
    gpu.enter();
    parts.numbers.write(stream, r, state);
    stream.synchronize();
  }

  @Override
  public void keep(int[] kept) {
    gpu.enter();
    parts.numbers.keep(stream, kept);
    parts.data.keep(kept, stream);
    parts.optimizer.keep(stream, kept);
    parts.pass.keep(kept.length);
    stream.synchronize();
    recordings.clear();
    replicas = kept.length;
  }

  @Override
  public void close() {
    try {
      gpu.enter();
      recordings.clear();
    } finally {
      close(products, stream, parts.arena);
    }
  }
}
