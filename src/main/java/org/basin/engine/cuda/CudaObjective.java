package org.basin.engine.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.basin.InvalidInputException;
import org.basin.data.Examples;
import org.basin.engine.cuda.DeviceArena.Words;
import org.basin.linalg.KrylovSequences;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.train.Curvature;
import org.basin.train.Objective;
import org.basin.train.ObjectiveOptions;
import org.jspecify.annotations.Nullable;

/**
 * An objective on a GPU: examples in chunks, so that memory stays bounded, and several vectors or
 * points at once. Each chunk's result is single precision and is added to the total in double
 * precision, in the order of the chunks.
 *
 * <p>Gradients and products are off by up to 2e-6 of their norm where those of the CPU engine are
 * (of 120 random small networks, and of 8,192 examples in one chunk, against automatic
 * differentiation in double precision; on the emulator, which adds one product after the other).
 *
 * <p>Chunks depend on the objective and on the GPU, not on what else it is used for. With that, and
 * with as many vectors or points in a call, the same arguments give the same bits on the same GPU;
 * cuBLAS may add in another order for another number of them.
 */
final class CudaObjective implements Objective {
  /** Examples of a chunk: enough to fill a GPU, few enough for single precision to add. */
  static final int CHUNK_ROWS = 8192;

  /** Examples of a chunk at least: fewer save little memory. */
  private static final int FEWEST_ROWS = 256;

  /** Part of the GPU's memory that an objective takes, if smaller chunks suffice for that. */
  private static final int MEMORY_PART = 16;

  /** Part of the GPU's memory up to which the passes at θ of all chunks are kept. */
  private static final int KEPT_PART = 4;

  private final Gpu gpu;
  private final Runnable closed;
  private final Plan plan;
  private final ObjectiveData data;
  private final int size;
  private final float[] theta; // what the GPU has
  private final GrowingBuffers<TangentPass> vectors;
  private final GrowingBuffers<Points> points;
  private final GrowingBuffers<Stack> stack;
  private final ObjectiveWork work;
  private long version; // of theta

  /**
   * Buffers for losses at several points.
   *
   * @param theta {@code [capacity, P]}
   * @param pass outputs at them
   */
  private record Points(Words theta, LinearizedPoints pass) {
    static Points in(ObjectiveData data, DeviceArena arena, int capacity) {
      Words theta = arena.reserve((long) capacity * data.layout().size());
      return new Points(theta, new LinearizedPoints(data, arena, theta, capacity, false));
    }
  }

  /**
   * Buffers for products at several points.
   *
   * @param pass forward and backward pass at them
   * @param tangents one vector each
   */
  private record Stack(LinearizedPoints pass, TangentPass tangents) {
    static Stack in(ObjectiveData data, DeviceArena arena, int capacity) {
      Words theta = arena.reserve((long) capacity * data.layout().size());
      return new Stack(
          new LinearizedPoints(data, arena, theta, capacity, true),
          new TangentPass(data, arena, capacity));
    }
  }

  /** What an objective holds from the start, reserved but not allocated. */
  private static final class Plan {
    final DeviceArena arena;
    final ObjectiveData data;
    final Words workspace;
    final Words theta;
    final List<LinearizedPoints> linearized = new ArrayList<>(); // of every chunk, or one
    final TangentPass tangents;
    final Points points;

    Plan(
        GpuMemory memory,
        MlpSpec spec,
        ObjectiveOptions options,
        Examples examples,
        NetworkState statistics,
        int rows,
        boolean kept) {
      arena = new DeviceArena(memory);
      data = new ObjectiveData(spec, options, examples, statistics, rows, arena);
      workspace = arena.reserve(Products.WORKSPACE_BYTES / Float.BYTES);
      theta = arena.reserve(data.layout().size());
      for (int chunk = 0; chunk < (kept ? data.chunks() : 1); chunk++) {
        linearized.add(new LinearizedPoints(data, arena, theta, 1, true));
      }
      tangents = new TangentPass(data, arena, 1);
      points = Points.in(data, arena, 1);
    }
  }

  /**
   * An objective as {@link org.basin.train.ObjectiveEngine#objective} describes it. Waits where
   * others have taken the memory that it needs.
   *
   * @param tf32 whether factors of matrix products may be rounded to TF32
   * @param mostRows most examples of a chunk
   * @param keepAll whether the passes at θ are kept for all chunks, if memory allows
   * @param closed is run when the objective is closed
   * @throws CancellationException when the thread was interrupted while it waited
   */
  CudaObjective(
      Gpu gpu,
      boolean tf32,
      MlpSpec spec,
      ObjectiveOptions options,
      Examples examples,
      NetworkState statistics,
      int mostRows,
      boolean keepAll,
      Runnable closed) {
    options.requireShapes(spec, examples, statistics);
    this.gpu = gpu;
    this.closed = closed;
    gpu.enter();
    plan = plan(gpu.memory(), spec, options, examples, statistics, mostRows, keepAll);
    data = plan.data;
    size = data.layout().size();
    theta = new float[size];
    GpuMemory memory = gpu.memory();
    vectors =
        new GrowingBuffers<>(
            memory, (arena, most) -> new TangentPass(data, arena, most), plan.tangents);
    points =
        new GrowingBuffers<>(memory, (arena, most) -> Points.in(data, arena, most), plan.points);
    stack =
        new GrowingBuffers<>(
            memory,
            (arena, most) -> Stack.in(data, arena, most),
            new Stack(plan.linearized.getFirst(), plan.tangents));
    ObjectiveKernels kernels = ObjectiveKernels.of(gpu);
    allocate(plan.arena);
    work = start(gpu, tf32, plan, kernels);
  }

  private static Plan plan(
      GpuMemory memory,
      MlpSpec spec,
      ObjectiveOptions options,
      Examples examples,
      NetworkState statistics,
      int mostRows,
      boolean keepAll) {
    int rows = mostRows;
    Plan least = new Plan(memory, spec, options, examples, statistics, rows, false);
    while ((least.arena.bytes() - Products.WORKSPACE_BYTES > memory.whole() / MEMORY_PART
            || least.arena.bytes() > memory.total())
        && rows > FEWEST_ROWS
        && !ObjectiveData.coupled(spec, options)) {
      rows = Math.max(FEWEST_ROWS, rows / 2);
      least = new Plan(memory, spec, options, examples, statistics, rows, false);
    }
    if (least.arena.bytes() > memory.total()) {
      throw new InvalidInputException(
          "the objective needs %,d MiB of GPU memory, available: %,d MiB; allowed: %s"
              .formatted(
                  GpuMemory.mebibytes(least.arena.bytes()),
                  GpuMemory.mebibytes(memory.total()),
                  ObjectiveData.coupled(spec, options)
                      ? "a smaller model, or fewer examples, which batch statistics couple; or"
                          + " frozen statistics"
                      : "a smaller model, or fewer examples"));
    }
    if (!keepAll || least.data.chunks() == 1) {
      return least;
    }
    Plan all = new Plan(memory, spec, options, examples, statistics, rows, true);
    boolean fits = all.arena.bytes() <= Math.min(memory.total() / KEPT_PART, memory.free());
    return fits ? all : least;
  }

  private static void allocate(DeviceArena arena) {
    try {
      arena.allocate();
    } catch (InterruptedException interrupt) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while waiting for GPU memory");
    } catch (CudaException failure) {
      if (failure.kind() != CudaException.Kind.OUT_OF_MEMORY) {
        throw failure;
      }
      throw new InvalidInputException(
          "the objective needs %,d MiB of GPU memory, but %s"
              .formatted(GpuMemory.mebibytes(arena.bytes()), failure.getMessage()));
    }
  }

  /** Uploads the examples; gives everything back when that fails. */
  private static ObjectiveWork start(Gpu gpu, boolean tf32, Plan plan, ObjectiveKernels kernels) {
    Stream stream = null;
    Products products = null;
    try {
      stream = new Stream(gpu);
      products = new Products(gpu, stream, plan.workspace, tf32);
      ObjectiveWork work = new ObjectiveWork(stream, products, kernels);
      plan.data.upload(work);
      plan.linearized.forEach(pass -> pass.initialize(work));
      plan.points.pass.initialize(work);
      stream.fill(plan.theta, 0f);
      return work;
    } catch (RuntimeException | Error failure) {
      for (AutoCloseable part : new AutoCloseable[] {products, stream, plan.arena}) {
        try {
          if (part != null) {
            part.close();
          }
        } catch (Exception second) {
          failure.addSuppressed(second);
        }
      }
      throw failure;
    }
  }

  /** Number of chunks. */
  int chunks() {
    return data.chunks();
  }

  /** Bytes of the GPU's memory that are held for one vector or point at once. */
  long bytes() {
    return plan.arena.bytes();
  }

  private void setTheta(float[] values) {
    if (!Arrays.equals(values, 0, size, theta, 0, size)) {
      System.arraycopy(values, 0, theta, 0, size);
      work.stream().write(plan.theta, 0, theta);
      version++;
    }
  }

  /** Where {@code chunk} is computed. */
  private LinearizedPoints linearized(int chunk) {
    return plan.linearized.get(plan.linearized.size() == 1 ? 0 : chunk);
  }

  private void requireLength(String name, float[] values, int count) {
    if (count < 1 || values.length < (long) count * size) {
      throw new IllegalArgumentException(
          "%s holds %d values, needed: %d vectors of %d"
              .formatted(name, values.length, count, size));
    }
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public int examples() {
    return data.examples();
  }

  @Override
  public double loss(float[] at) {
    return losses(at, 1)[0];
  }

  @Override
  public double[] losses(float[] thetas, int count) {
    requireLength("thetas", thetas, count);
    return compute(() -> computeLosses(thetas, count));
  }

  /** Computes on the GPU, which may turn out to be gone. */
  <T extends @Nullable Object> T compute(Supplier<T> calls) {
    try {
      gpu.enter();
      return calls.get();
    } catch (CudaException failure) {
      throw gpu.told(failure);
    }
  }

  private double[] computeLosses(float[] thetas, int count) {
    if (points.reserve(count)) {
      points.buffers().pass.initialize(work);
    }
    double[] losses = new double[count];
    for (int from = 0; from < count; from += points.capacity()) {
      Points at = points.buffers();
      int n = Math.min(points.capacity(), count - from);
      work.stream().write(at.theta, 0, thetas, from * size, n * size);
      for (int chunk = 0; chunk < data.chunks(); chunk++) {
        at.pass.forward(work, chunk, n);
        at.pass.loss(work, chunk > 0);
      }
      double[] sums = new double[points.capacity()];
      work.stream().read(at.pass.losses(), sums);
      work.stream().synchronize();
      for (int i = 0; i < n; i++) {
        losses[from + i] = sums[i] / data.examples() + penalty(thetas, (from + i) * size);
      }
    }
    return losses;
  }

  /** ½ c ‖w‖² over the weights of the point at {@code start}. */
  private double penalty(float[] thetas, int start) {
    double squares = 0;
    for (int l = 0; l < data.layers() && data.options().l2() > 0; l++) {
      int from = start + data.layout().weight(l);
      for (int i = from; i < from + data.width(l) * data.width(l + 1); i++) {
        squares += (double) thetas[i] * thetas[i];
      }
    }
    return 0.5 * data.options().l2() * squares;
  }

  @Override
  public double gradient(float[] at, float[] gradient) {
    requireLength("theta", at, 1);
    requireLength("gradient", gradient, 1);
    return compute(() -> computeGradient(at, gradient));
  }

  private double computeGradient(float[] at, float[] gradient) {
    setTheta(at);
    double[][] losses = new double[data.chunks()][1];
    for (int chunk = 0; chunk < data.chunks(); chunk++) {
      LinearizedPoints pass = linearized(chunk);
      pass.linearize(work, chunk, version, true);
      work.stream().read(pass.losses(), losses[chunk]);
      plan.tangents.addGradient(work, pass, chunk == 0);
    }
    plan.tangents.finish(work, plan.theta, 1);
    work.stream().read(plan.tangents.products(), gradient, 0, size);
    work.stream().synchronize();
    double sum = 0;
    for (double[] loss : losses) {
      sum += loss[0];
    }
    return sum / data.examples() + penalty(theta, 0);
  }

  @Override
  public void hessianVectors(float[] at, float[] of, int count, float[] products) {
    products(at, of, count, products, true);
  }

  @Override
  public void gaussNewtonVectors(float[] at, float[] of, int count, float[] products) {
    products(at, of, count, products, false);
  }

  private void products(float[] at, float[] of, int count, float[] products, boolean hessian) {
    requireLength("theta", at, 1);
    requireLength("vectors", of, count);
    requireLength("products", products, count);
    compute(
        () -> {
          computeProducts(at, of, count, products, hessian);
          return products;
        });
  }

  private void computeProducts(
      float[] at, float[] of, int count, float[] products, boolean hessian) {
    TangentPass tangents = tangents(at, count);
    for (int from = 0; from < count; from += vectors.capacity()) {
      int n = Math.min(vectors.capacity(), count - from);
      work.stream().write(tangents.vectors(), 0, of, from * size, n * size);
      enqueueProducts(tangents, n, hessian);
      work.stream().read(tangents.products(), products, from * size, n * size);
      work.stream().synchronize();
    }
  }

  /** Brings the GPU to θ, and makes room for vectors there, as many of {@code count} as it has. */
  TangentPass tangents(float[] at, int count) {
    setTheta(at);
    vectors.reserve(count);
    return vectors.buffers();
  }

  /** How many vectors {@link #tangents} has room for at once. */
  int vectorsAtOnce() {
    return vectors.capacity();
  }

  /** Enqueues: products at θ of the first {@code n} of the vectors that are in {@code tangents}. */
  void enqueueProducts(TangentPass tangents, int n, boolean hessian) {
    for (int chunk = 0; chunk < data.chunks(); chunk++) {
      LinearizedPoints pass = linearized(chunk);
      pass.linearize(work, chunk, version, hessian);
      tangents.add(work, pass, true, n, hessian, chunk == 0);
    }
    tangents.finish(work, tangents.vectors(), n);
  }

  /**
   * Enqueues the passes at θ that are not up to date, where those of all chunks are kept.
   *
   * @return whether they are: products are then the same launches every time
   */
  boolean enqueuePasses(boolean hessian) {
    boolean kept = plan.linearized.size() == data.chunks();
    for (int chunk = 0; kept && chunk < data.chunks(); chunk++) {
      linearized(chunk).linearize(work, chunk, version, hessian);
    }
    return kept;
  }

  @Override
  public @Nullable KrylovSequences sequences(
      Curvature of, float[] at, float[][] known, int count, int steps) {
    requireLength("theta", at, 1);
    return compute(() -> CudaSequences.open(this, gpu, work.stream(), of, at, known, count, steps));
  }

  /**
   * H(θ_i) v_i: a product at each of many points, all in one batch where memory holds it.
   *
   * @param thetas θ_i, {@code [count, P]}
   * @param of v_i, {@code [count, P]}
   * @param count number of points, at least 1
   * @param products receives H(θ_i) v_i, {@code [count, P]}; not {@code of} itself
   */
  void hessianVectorsAt(float[] thetas, float[] of, int count, float[] products) {
    productsAt(thetas, of, count, products, true);
  }

  /** As {@link #hessianVectorsAt}, with Gauss–Newton products G(θ_i) v_i. */
  void gaussNewtonVectorsAt(float[] thetas, float[] of, int count, float[] products) {
    productsAt(thetas, of, count, products, false);
  }

  private void productsAt(
      float[] thetas, float[] of, int count, float[] products, boolean hessian) {
    requireLength("thetas", thetas, count);
    requireLength("vectors", of, count);
    requireLength("products", products, count);
    compute(
        () -> {
          computeProductsAt(thetas, of, count, products, hessian);
          return products;
        });
  }

  private void computeProductsAt(
      float[] thetas, float[] of, int count, float[] products, boolean hessian) {
    if (stack.reserve(count)) {
      stack.buffers().pass.initialize(work);
    }
    LinearizedPoints pass = stack.buffers().pass;
    TangentPass tangents = stack.buffers().tangents;
    for (int from = 0; from < count; from += stack.capacity()) {
      int n = Math.min(stack.capacity(), count - from);
      work.stream().write(pass.theta(), 0, thetas, from * size, n * size);
      work.stream().write(tangents.vectors(), 0, of, from * size, n * size);
      for (int chunk = 0; chunk < data.chunks(); chunk++) {
        pass.forward(work, chunk, n);
        pass.loss(work, false);
        if (hessian) {
          pass.backward(work);
        }
        tangents.add(work, pass, false, n, hessian, chunk == 0);
      }
      tangents.finish(work, tangents.vectors(), n);
      work.stream().read(tangents.products(), products, from * size, n * size);
      work.stream().synchronize();
    }
    restoreTheta();
  }

  /** The buffers for one point are those of θ itself, which has been written over. */
  private void restoreTheta() {
    if (stack.capacity() == 1) {
      work.stream().write(plan.theta, 0, theta);
      work.stream().synchronize();
    }
  }

  @Override
  public float[] outputs(float[] at) {
    requireLength("theta", at, 1);
    return compute(() -> computeOutputs(at));
  }

  private float[] computeOutputs(float[] at) {
    int classes = data.spec().outputs();
    int stride = data.stride(data.layers());
    float[] logits = new float[Math.multiplyExact(data.examples(), classes)];
    float[] padded = new float[data.rows() * stride];
    work.stream().write(plan.points.theta, 0, at, 0, size);
    for (int chunk = 0; chunk < data.chunks(); chunk++) {
      int rows = data.rows(chunk);
      plan.points.pass.forward(work, chunk, 1);
      work.stream().read(plan.points.pass.outputs(), padded, 0, rows * stride);
      work.stream().synchronize();
      for (int i = 0; i < rows; i++) {
        System.arraycopy(padded, i * stride, logits, (data.first(chunk) + i) * classes, classes);
      }
    }
    return logits;
  }

  @Override
  public void close() {
    compute(
        () -> {
          closeAll();
          return size;
        });
  }

  @SuppressWarnings("try") // what is only closed
  private void closeAll() {
    try (plan.arena;
        vectors;
        points;
        stack;
        Stream stream = work.stream();
        Products products = work.products()) {
      stream.synchronize(); // before anything goes that work may use
    } finally {
      closed.run();
    }
  }
}
