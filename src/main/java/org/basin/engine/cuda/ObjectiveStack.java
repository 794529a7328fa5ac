package org.basin.engine.cuda;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.basin.InvalidInputException;
import org.basin.data.Examples;
import org.basin.engine.cuda.DeviceArena.Words;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.train.ObjectiveOptions;

/**
 * The objectives of R networks of one shape on a GPU: examples in chunks, so that memory stays
 * bounded, and several networks, vectors or points at once. Each chunk's result is single precision
 * and is added to the total in double precision, in the order of the chunks.
 *
 * <p>Gradients and products are off by up to 2e-6 of their norm where those of the CPU engine are
 * (of 120 random small networks, and of 8,192 examples in one chunk, against automatic
 * differentiation in double precision; on the emulator, which adds one product after the other).
 *
 * <p>Chunks depend on the objective and on the GPU, not on what else it is used for. With that, and
 * with as many networks, vectors or points in a call, the same arguments give the same bits on the
 * same GPU; cuBLAS may add in another order for another number of them.
 *
 * <p>For one thread at a time.
 */
final class ObjectiveStack implements AutoCloseable {
  /** Examples of a chunk: enough to fill a GPU, few enough for single precision to add. */
  static final int CHUNK_ROWS = 8192;

  /** Values of a batch on its way between host and GPU: 64 MiB. */
  private static final int MOST_FLOATS = 1 << 24;

  private final Gpu gpu;
  private final ObjectivePlan plan;
  private final ObjectiveData data;
  private final int size;
  private final float[][] theta; // [R, P]: what the GPU has
  private final long[] versions; // of each theta
  private final GrowingBuffers<TangentPass> vectors;
  private final GrowingBuffers<ObjectivePlan.Points> points;
  private final ObjectiveWork work;
  private final CurvatureSteps steps;

  /**
   * Networks whose objectives are asked for together.
   *
   * @param spec what all of them are
   * @param options what is computed of each
   * @param examples of each, of the same number
   * @param statistics of each
   */
  record Request(
      MlpSpec spec,
      ObjectiveOptions options,
      List<Examples> examples,
      List<NetworkState> statistics) {
    /**
     * Checks shapes.
     *
     * @throws InvalidInputException when those of a network do not agree
     */
    Request {
      for (int r = 0; r < examples.size(); r++) {
        options.requireShapes(spec, examples.get(r), statistics.get(r));
      }
    }

    /** The first network alone. */
    Request first() {
      return new Request(
          spec, options, List.of(examples.getFirst()), List.of(statistics.getFirst()));
    }
  }

  /**
   * Takes the networks to the GPU.
   *
   * @param tf32 whether factors of matrix products may be rounded to TF32
   * @param mostRows most examples of a chunk
   * @param keepAll whether the passes at θ are kept for all chunks, if memory allows
   * @param wait whether to wait where others have taken the memory that it needs
   * @throws InvalidInputException when there is not as much memory
   * @throws CancellationException when the thread was interrupted while it waited
   */
  ObjectiveStack(
      Gpu gpu, boolean tf32, Request request, int mostRows, boolean keepAll, boolean wait) {
    this.gpu = gpu;
    gpu.enter();
    GpuMemory memory = gpu.memory();
    plan = ObjectivePlan.of(memory, request, mostRows, keepAll);
    data = plan.data;
    size = data.layout().size();
    theta = new float[data.networks()][size];
    versions = new long[data.networks()];
    vectors =
        new GrowingBuffers<>(
            memory,
            (arena, most) -> new TangentPass(data, arena, most),
            plan.tangents,
            data.networks());
    points =
        new GrowingBuffers<>(
            memory,
            (arena, most) -> ObjectivePlan.Points.in(data, arena, most),
            plan.points,
            data.networks());
    ObjectiveKernels kernels = ObjectiveKernels.of(gpu);
    KrylovSteps recurrences = new KrylovSteps(gpu);
    plan.allocate(wait);
    work = start(gpu, tf32, plan, kernels);
    steps = new CurvatureSteps(this, memory, work, recurrences, plan.stepRows);
  }

  /** Uploads the examples; gives everything back when that fails. */
  private static ObjectiveWork start(
      Gpu gpu, boolean tf32, ObjectivePlan plan, ObjectiveKernels kernels) {
    Stream stream = null;
    Products products = null;
    try {
      stream = new Stream(gpu);
      products = new Products(gpu, stream, plan.workspace, tf32);
      ObjectiveWork work = new ObjectiveWork(stream, products, kernels);
      plan.data.upload(work);
      plan.linearized.forEach(pass -> pass.initialize(work));
      plan.points.pass().initialize(work);
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

  /** Where its work is done. */
  Gpu gpu() {
    return gpu;
  }

  /** Its work is enqueued here. */
  Stream stream() {
    return work.stream();
  }

  /** Number of parameters P. */
  int size() {
    return size;
  }

  /** What is computed, and of which examples. */
  ObjectiveData data() {
    return data;
  }

  /** Number of chunks. */
  int chunks() {
    return data.chunks();
  }

  /** Bytes of the GPU's memory that are held for one vector or point of each network at once. */
  long bytes() {
    return plan.arena.bytes();
  }

  /**
   * Answers calls of one kind and of different networks: together, where that is less work.
   *
   * @throws RuntimeException as {@link Gpu#told} makes it where the GPU fails
   */
  void answer(List<? extends ObjectiveCall> calls) {
    try {
      gpu.enter();
      switch (calls.getFirst()) {
        case ObjectiveCall.Losses _ -> computeLosses(all(calls, ObjectiveCall.Losses.class));
        case ObjectiveCall.Gradient _ -> computeGradients(all(calls, ObjectiveCall.Gradient.class));
        case ObjectiveCall.Products _ -> computeProducts(all(calls, ObjectiveCall.Products.class));
        case ObjectiveCall.Steps _ -> computeSteps(all(calls, ObjectiveCall.Steps.class));
        case ObjectiveCall.Apart _ ->
            all(calls, ObjectiveCall.Apart.class).forEach(call -> call.work().run());
        case ObjectiveCall.Outputs _ ->
            all(calls, ObjectiveCall.Outputs.class).forEach(this::computeOutputs);
      }
    } catch (CudaException failure) {
      awaitAfter(failure);
      throw gpu.told(failure);
    } catch (RuntimeException | Error failure) {
      awaitAfter(failure);
      throw failure;
    }
  }

  /** What was enqueued before a failure is done before anybody frees what it uses. */
  private void awaitAfter(Throwable failure) {
    try {
      work.stream().synchronize();
    } catch (CudaException second) {
      failure.addSuppressed(second);
    }
  }

  private static <C> List<C> all(List<? extends ObjectiveCall> calls, Class<C> kind) {
    return calls.stream().map(kind::cast).toList();
  }

  /** The networks that are asked, and those between them, with this many lanes. */
  static ObjectiveBatch batch(List<? extends ObjectiveCall> calls, int lanes) {
    int first = calls.stream().mapToInt(ObjectiveCall::network).min().orElseThrow();
    int last = calls.stream().mapToInt(ObjectiveCall::network).max().orElseThrow();
    return new ObjectiveBatch(first, last - first + 1, lanes);
  }

  /** Lanes that are computed at once, if there are buffers for them. */
  int lanesAtOnce(ObjectiveBatch all) {
    return Math.clamp(MOST_FLOATS / ((long) all.networks() * size), 1, all.lanes());
  }

  /**
   * Vectors of a network's, of which those of a few lanes are computed.
   *
   * @param values {@code [count, P]}
   */
  private record Rows(int network, float[] values, int count) {}

  /** Enqueues the copy of the rows of {@code batch}'s lanes, from a lane on. */
  private void write(Words to, ObjectiveBatch batch, int lane, List<Rows> rows) {
    if (batch.networks() == 1) {
      work.stream().write(to, 0, rows.getFirst().values, lane * size, batch.lanes() * size);
      return;
    }
    float[] packed = new float[Math.multiplyExact(batch.count(), size)];
    for (Rows each : rows) {
      for (int i = 0; i < Math.min(batch.lanes(), each.count - lane); i++) {
        int item = batch.item(each.network, i);
        System.arraycopy(each.values, (lane + i) * size, packed, item * size, size);
      }
    }
    work.stream().write(to, 0, packed);
  }

  /** Waits, and copies the other way. */
  private void read(Words from, ObjectiveBatch batch, int lane, List<Rows> rows) {
    if (batch.networks() == 1) {
      work.stream().read(from, rows.getFirst().values, lane * size, batch.lanes() * size);
      work.stream().synchronize();
      return;
    }
    float[] packed = new float[Math.multiplyExact(batch.count(), size)];
    work.stream().read(from, packed, 0, packed.length);
    work.stream().synchronize();
    for (Rows each : rows) {
      for (int i = 0; i < Math.min(batch.lanes(), each.count - lane); i++) {
        int item = batch.item(each.network, i);
        System.arraycopy(packed, item * size, each.values, (lane + i) * size, size);
      }
    }
  }

  private void setTheta(int network, float[] values) {
    if (!Arrays.equals(values, 0, size, theta[network], 0, size)) {
      work.stream().write(plan.theta, (long) network * size, values, 0, size);
      System.arraycopy(values, 0, theta[network], 0, size);
      versions[network]++;
    }
  }

  /** Where {@code chunk} is computed. */
  private LinearizedPoints linearized(int chunk) {
    return plan.linearized.get(plan.linearized.size() == 1 ? 0 : chunk);
  }

  private void computeLosses(List<ObjectiveCall.Losses> calls) {
    List<Rows> thetas =
        calls.stream().map(call -> new Rows(call.network(), call.thetas(), call.count())).toList();
    ObjectiveBatch all =
        batch(calls, calls.stream().mapToInt(ObjectiveCall.Losses::count).max().orElseThrow());
    int wanted = lanesAtOnce(all);
    if (points.reserve(work.stream(), wanted * all.networks())) {
      points.buffers().pass().initialize(work);
    }
    ObjectivePlan.Points at = points.buffers();
    int most = Math.min(wanted, points.capacity() / all.networks());
    double[] sums = new double[points.capacity()];
    for (int lane = 0; lane < all.lanes(); lane += most) {
      ObjectiveBatch batch =
          new ObjectiveBatch(all.first(), all.networks(), Math.min(most, all.lanes() - lane));
      write(at.theta(), batch, lane, thetas);
      for (int chunk = 0; chunk < data.chunks(); chunk++) {
        at.pass().forward(work, chunk, batch);
        at.pass().loss(work, chunk > 0);
      }
      work.stream().read(at.pass().losses(), sums);
      work.stream().synchronize();
      for (ObjectiveCall.Losses call : calls) {
        for (int i = 0; i < Math.min(batch.lanes(), call.count() - lane); i++) {
          double sum = sums[batch.item(call.network(), i)];
          call.losses()[lane + i] =
              sum / data.examples() + penalty(call.thetas(), (lane + i) * size);
        }
      }
    }
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

  private void computeGradients(List<ObjectiveCall.Gradient> calls) {
    calls.forEach(call -> setTheta(call.network(), call.theta()));
    ObjectiveBatch batch = batch(calls, 1);
    double[][] losses = new double[data.chunks()][data.networks()];
    for (int chunk = 0; chunk < data.chunks(); chunk++) {
      LinearizedPoints pass = linearized(chunk);
      pass.linearize(work, chunk, batch, versions, true);
      work.stream().read(pass.losses(), losses[chunk]);
      plan.tangents.addGradients(work, pass, batch, chunk == 0);
    }
    plan.tangents.finish(work, linearized(0).parameters(batch), batch.count());
    read(
        plan.tangents.products(),
        batch,
        0,
        calls.stream().map(call -> new Rows(call.network(), call.gradient(), 1)).toList());
    for (ObjectiveCall.Gradient call : calls) {
      double sum = 0;
      for (double[] part : losses) {
        sum += part[call.network()];
      }
      call.loss()[0] = sum / data.examples() + penalty(call.theta(), 0);
    }
  }

  private void computeProducts(List<ObjectiveCall.Products> calls) {
    calls.forEach(call -> setTheta(call.network(), call.theta()));
    boolean hessian = calls.getFirst().hessian();
    List<Rows> of =
        calls.stream().map(call -> new Rows(call.network(), call.vectors(), call.count())).toList();
    List<Rows> results =
        calls.stream()
            .map(call -> new Rows(call.network(), call.products(), call.count()))
            .toList();
    ObjectiveBatch all =
        batch(calls, calls.stream().mapToInt(ObjectiveCall.Products::count).max().orElseThrow());
    int wanted = lanesAtOnce(all);
    TangentPass tangents = tangents(wanted * all.networks());
    int most = Math.min(wanted, vectors.capacity() / all.networks());
    for (int lane = 0; lane < all.lanes(); lane += most) {
      ObjectiveBatch batch =
          new ObjectiveBatch(all.first(), all.networks(), Math.min(most, all.lanes() - lane));
      write(tangents.vectors(), batch, lane, of);
      enqueueProducts(tangents, batch, hessian);
      read(tangents.products(), batch, lane, results);
    }
  }

  /** Buffers for so many vectors, or for fewer where memory does not hold them. */
  TangentPass tangents(int count) {
    vectors.reserve(work.stream(), count);
    return vectors.buffers();
  }

  /** How many vectors {@link #tangents} has room for. */
  int vectorsAtOnce() {
    return vectors.capacity();
  }

  /** Enqueues: products at θ of the vectors that are in {@code tangents}. */
  void enqueueProducts(TangentPass tangents, ObjectiveBatch batch, boolean hessian) {
    for (int chunk = 0; chunk < data.chunks(); chunk++) {
      LinearizedPoints pass = linearized(chunk);
      pass.linearize(work, chunk, batch, versions, hessian);
      tangents.add(work, pass, batch, hessian, chunk == 0);
    }
    tangents.finish(work, tangents.vectors().address(), batch.count());
  }

  /**
   * Enqueues the passes at θ that are not up to date, where those of all chunks are kept.
   *
   * @return whether they are: products are then the same launches every time
   */
  boolean enqueuePasses(ObjectiveBatch batch, boolean hessian) {
    boolean kept = plan.linearized.size() == data.chunks();
    for (int chunk = 0; kept && chunk < data.chunks(); chunk++) {
      linearized(chunk).linearize(work, chunk, batch, versions, hessian);
    }
    return kept;
  }

  private void computeSteps(List<ObjectiveCall.Steps> calls) {
    calls.forEach(call -> setTheta(call.network(), call.theta()));
    steps.take(calls);
  }

  private void computeOutputs(ObjectiveCall.Outputs call) {
    int classes = data.spec().outputs();
    int stride = data.stride(data.layers());
    float[] padded = new float[data.rows() * stride];
    ObjectiveBatch one = new ObjectiveBatch(call.network(), 1, 1);
    work.stream().write(plan.points.theta(), 0, call.theta(), 0, size);
    for (int chunk = 0; chunk < data.chunks(); chunk++) {
      int rows = data.rows(chunk);
      plan.points.pass().forward(work, chunk, one);
      work.stream().read(plan.points.pass().outputs(), padded, 0, rows * stride);
      work.stream().synchronize();
      for (int i = 0; i < rows; i++) {
        int to = (data.first(chunk) + i) * classes;
        System.arraycopy(padded, i * stride, call.outputs(), to, classes);
      }
    }
  }

  @Override
  public void close() {
    try {
      gpu.enter();
      closeAll();
    } catch (CudaException failure) {
      throw gpu.told(failure);
    }
  }

  @SuppressWarnings("try") // what is only closed
  private void closeAll() {
    try (plan.arena;
        vectors;
        points;
        Stream stream = work.stream();
        Products products = work.products();
        steps) {
      stream.synchronize(); // before anything goes that work may use
    }
  }
}
