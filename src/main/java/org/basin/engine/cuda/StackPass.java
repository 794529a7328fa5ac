package org.basin.engine.cuda;

import org.basin.engine.cuda.Products.Matrices;
import org.basin.model.MlpSpec;
import org.basin.train.LossFunction;
import org.basin.train.Subset;
import org.jspecify.annotations.Nullable;

/**
 * A batch's way through all replicas of a stack and back, layer by layer: matrix products by
 * cuBLAS, one batch of matrices over the replicas, and kernels between them.
 *
 * <pre>
 * forward    z_l [R, rows, out] = [a_{l-1}, 1] [R, rows, in]  [W_l; b_l] [R, in, out]
 * gradient   d[W_l; b_l] [R, in, out] = [a_{l-1}, 1]ᵀ dz_l
 * backward   da_{l-1} [R, rows, fanIn] = dz_l [R, rows, out]  W_lᵀ [R, out, fanIn]
 * </pre>
 *
 * Everything is only enqueued on the stream.
 */
final class StackPass {
  private static final int THREADS = 256;
  private static final int LOSS_THREADS = 128;
  private static final int NORMALIZED_UNITS = 32; // of a block of batchnorm.cu

  /** Bytes of activations that an evaluation may take, if a batch does not take more. */
  private static final long EVALUATION_BYTES = 256L << 20;

  private final StackLayout layout;
  private final MlpSpec spec;
  private final LossFunction loss;
  private final StackData data;
  private final StackNumbers numbers;
  private final int batch; // largest
  private final int evaluationRows;
  private final int activation;

  private final DeviceArena.Words[] a; // a[l]: what layer l reads; a[layers]: the outputs
  private final DeviceArena.Words[] delta; // da[l], then dz of the layer below
  private final DeviceArena.@Nullable Words[] inputs; // of the activation before a[l], for GELU
  private final DeviceArena.@Nullable Words[] normalized; // x̂ before a[l]
  private final DeviceArena.@Nullable Words[] inverse; // 1/√(variance + ε)
  private final DeviceArena.Words labels; // [R, rows]

  private final Gpu gpu;
  private int replicas;

  /**
   * Reserves the buffers.
   *
   * @param replicas at most
   * @param batch rows of a step at most
   */
  StackPass(
      DeviceArena arena,
      Gpu gpu,
      StackLayout layout,
      LossFunction loss,
      StackData data,
      StackNumbers numbers,
      int replicas,
      int batch) {
    this.gpu = gpu;
    this.layout = layout;
    this.loss = loss;
    this.data = data;
    this.numbers = numbers;
    this.replicas = replicas;
    this.batch = batch;
    spec = layout.spec();
    activation = KernelCodes.of(spec.activation());
    int layers = spec.layers();
    long rowBytes = 0;
    for (int l = 0; l <= layers; l++) {
      rowBytes += 4L * (l < layers ? layout.inputStride(l) : layout.outputStride());
    }
    int most = 1;
    for (Subset subset : Subset.values()) {
      most = Math.max(most, data.count(subset));
    }
    long affordable = EVALUATION_BYTES / (rowBytes * replicas);
    evaluationRows = (int) Math.min(most, Math.max(batch, affordable));
    long rows = (long) replicas * Math.max(batch, evaluationRows);
    long batchRows = (long) replicas * batch;
    a = new DeviceArena.Words[layers + 1];
    delta = new DeviceArena.Words[layers + 1];
    inputs = new DeviceArena.@Nullable Words[layers + 1];
    normalized = new DeviceArena.@Nullable Words[layers + 1];
    inverse = new DeviceArena.@Nullable Words[layers + 1];
    for (int l = 0; l < layers; l++) {
      a[l] = arena.reserve(rows * layout.inputStride(l));
      long size = batchRows * layout.inputStride(l);
      delta[l] = arena.reserve(l == 0 ? 0 : size);
      inputs[l] = l > 0 && layout.keepsInputs() ? arena.reserve(size) : null;
      normalized[l] = l > 0 && spec.normalized(l - 1) ? arena.reserve(size) : null;
      inverse[l] =
          l > 0 && spec.normalized(l - 1)
              ? arena.reserve((long) replicas * spec.fanOut(l - 1))
              : null;
    }
    a[layers] = arena.reserve(rows * layout.outputStride());
    delta[layers] = a[layers]; // the derivative takes the place of the outputs
    labels = arena.reserve(rows);
  }

  /** Prepares the buffers: activations get the ones that meet the biases, which stay. */
  void upload(Stream stream) {
    for (DeviceArena.Words values : a) {
      stream.fill(values, spec.bias() ? 1f : 0f);
    }
  }

  /** From now on the stack has {@code count} replicas. */
  void keep(int count) {
    replicas = count;
  }

  /** Largest batch of a step. */
  int batch() {
    return batch;
  }

  /** Labels of the batch at hand, {@code [R, batch]}. */
  long labels() {
    return labels.address();
  }

  /**
   * Enqueues loss gradients of one batch of every replica.
   *
   * @param orders indices of training examples, {@code [R, length]}
   * @param first where in them the batch starts
   * @param smoothing ε of every replica's targets, {@code [R]}
   */
  void gradient(
      Stream stream,
      Products products,
      DeviceArena.Words orders,
      int length,
      int first,
      int rows,
      DeviceArena.Words smoothing) {
    gather(stream, Subset.TRAIN, orders.address(), length, first, rows, batch);
    forward(stream, products, rows, batch, true);
    gpu.kernel("loss.cu", "loss_derivative")
        .launch(
            stream,
            rows,
            replicas,
            LOSS_THREADS,
            delta[spec.layers()].address(),
            labels.address(),
            smoothing.address(),
            KernelCodes.of(loss),
            rows,
            batch,
            spec.outputs(),
            layout.outputStride());
    backward(stream, products, rows);
  }

  /**
   * Enqueues the sums over a subset of every replica's losses and wrong predictions.
   *
   * @param smoothing ε of every replica's targets, {@code [R]}; null for the plain loss
   * @param sums receives them, {@code [R, 2]} doubles
   */
  void evaluate(
      Stream stream,
      Products products,
      Subset subset,
      DeviceArena.@Nullable Words smoothing,
      DeviceArena.Words sums) {
    stream.fill(sums, 0f);
    int count = data.count(subset);
    for (int first = 0; first < count; first += evaluationRows) {
      int rows = Math.min(evaluationRows, count - first);
      gather(stream, subset, 0L, 0, first, rows, evaluationRows);
      forward(stream, products, rows, evaluationRows, false);
      gpu.kernel("loss.cu", "loss_sums")
          .launchBlocks(
              stream,
              1,
              replicas,
              THREADS,
              0,
              a[spec.layers()].address(),
              data.labels(subset),
              smoothing == null ? 0L : smoothing.address(),
              sums.address(),
              KernelCodes.of(loss),
              first,
              rows,
              evaluationRows,
              spec.outputs(),
              layout.outputStride());
    }
  }

  private void gather(
      Stream stream, Subset subset, long orders, int length, int first, int rows, int capacity) {
    int stride = layout.inputStride(0);
    gpu.kernel("gather.cu", "gather")
        .launch(
            stream,
            (long) rows * stride,
            replicas,
            THREADS,
            a[0].address(),
            labels.address(),
            data.inputs(subset),
            data.labels(subset),
            orders,
            length,
            first,
            rows,
            capacity,
            stride);
  }

  /** [W; b] or its gradient, of all replicas. */
  private Matrices matrices(DeviceArena.Words of, int layer) {
    return new Matrices(
        of.address(layout.parameters().weight(layer)), spec.fanOut(layer), layout.thetaStride());
  }

  /** Rows of {@code capacity} a replica. */
  private static Matrices rows(DeviceArena.Words of, int capacity, int stride) {
    return new Matrices(of.address(), stride, (long) capacity * stride);
  }

  private void forward(Stream stream, Products products, int rows, int capacity, boolean training) {
    for (int l = 0; l < spec.layers(); l++) {
      products.multiply(
          false,
          false,
          rows,
          spec.fanOut(l),
          layout.in(l),
          rows(a[l], capacity, layout.inputStride(l)),
          matrices(numbers.theta, l),
          false,
          rows(a[l + 1], capacity, layout.stride(l)),
          replicas);
      if (l == spec.layers() - 1) {
        return;
      }
      if (!spec.normalized(l)) {
        activate(stream, l + 1, rows, capacity, training);
      } else if (training) {
        normalize(stream, l, rows);
      } else {
        normalizeByRunning(stream, l, rows, capacity);
      }
    }
  }

  private static long addressOrNull(DeviceArena.@Nullable Words words) {
    return words == null ? 0L : words.address();
  }

  private void activate(Stream stream, int l, int rows, int capacity, boolean training) {
    int stride = layout.inputStride(l);
    gpu.kernel("activation.cu", "activate")
        .launch(
            stream,
            (long) rows * stride,
            replicas,
            THREADS,
            a[l].address(),
            training ? addressOrNull(inputs[l]) : 0L,
            activation,
            rows,
            capacity,
            spec.fanIn(l),
            stride);
  }

  private void normalize(Stream stream, int l, int rows) {
    int width = spec.fanOut(l);
    gpu.kernel("batchnorm.cu", "normalize")
        .launchBlocks(
            stream,
            Math.ceilDiv(width, NORMALIZED_UNITS),
            replicas,
            THREADS,
            0,
            a[l + 1].address(),
            addressOrNull(inputs[l + 1]),
            addressOrNull(normalized[l + 1]),
            addressOrNull(inverse[l + 1]),
            numbers.theta.address(),
            layout.thetaStride(),
            layout.parameters().gamma(l),
            numbers.runningMean.address(),
            numbers.runningVariance.address(),
            layout.parameters().statisticsSize(),
            layout.parameters().statistics(l),
            activation,
            rows,
            batch,
            width,
            layout.stride(l));
  }

  private void normalizeByRunning(Stream stream, int l, int rows, int capacity) {
    int stride = layout.stride(l);
    gpu.kernel("batchnorm.cu", "normalize_evaluate")
        .launch(
            stream,
            (long) rows * stride,
            replicas,
            THREADS,
            a[l + 1].address(),
            numbers.theta.address(),
            layout.thetaStride(),
            layout.parameters().gamma(l),
            numbers.runningMean.address(),
            numbers.runningVariance.address(),
            layout.parameters().statisticsSize(),
            layout.parameters().statistics(l),
            activation,
            rows,
            capacity,
            spec.fanOut(l),
            stride);
  }

  private void backward(Stream stream, Products products, int rows) {
    for (int l = spec.layers() - 1; l >= 0; l--) {
      if (l < spec.layers() - 1) {
        throughActivation(stream, l, rows);
      }
      Matrices dz = rows(delta[l + 1], batch, layout.stride(l));
      products.multiply(
          true,
          false,
          layout.in(l),
          spec.fanOut(l),
          rows,
          rows(a[l], batch, layout.inputStride(l)),
          dz,
          false,
          matrices(numbers.gradient, l),
          replicas);
      if (l > 0) {
        products.multiply(
            false,
            true,
            rows,
            spec.fanIn(l),
            spec.fanOut(l),
            dz,
            matrices(numbers.theta, l),
            false,
            rows(delta[l], batch, layout.inputStride(l)),
            replicas);
      }
    }
  }

  /** From the derivative by what layer {@code l} gives to that by its z. */
  private void throughActivation(Stream stream, int l, int rows) {
    int width = spec.fanOut(l);
    int stride = layout.stride(l);
    if (spec.normalized(l)) {
      gpu.kernel("batchnorm.cu", "normalize_backward")
          .launchBlocks(
              stream,
              Math.ceilDiv(width, NORMALIZED_UNITS),
              replicas,
              THREADS,
              0,
              delta[l + 1].address(),
              a[l + 1].address(),
              addressOrNull(inputs[l + 1]),
              addressOrNull(normalized[l + 1]),
              addressOrNull(inverse[l + 1]),
              numbers.theta.address(),
              numbers.gradient.address(),
              layout.thetaStride(),
              layout.parameters().gamma(l),
              activation,
              rows,
              batch,
              width,
              stride);
    } else {
      gpu.kernel("activation.cu", "activate_backward")
          .launch(
              stream,
              (long) rows * stride,
              replicas,
              THREADS,
              delta[l + 1].address(),
              a[l + 1].address(),
              addressOrNull(inputs[l + 1]),
              activation,
              rows,
              batch,
              width,
              stride);
    }
  }
}
