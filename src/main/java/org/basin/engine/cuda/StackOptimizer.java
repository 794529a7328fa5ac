package org.basin.engine.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.basin.model.MlpSpec;
import org.basin.model.ParameterLayout;
import org.basin.train.ClippingOptions;
import org.basin.train.OptimizerKind;
import org.basin.train.OptimizerOptions;
import org.basin.train.TrainingOptions;

/**
 * From the gradients of a stack to its next parameters: norms, clipping, optimiser, each replica
 * with scalars of its own. Kernels are in {@code optimizer.cu}.
 */
final class StackOptimizer {
  private static final int THREADS = 256;

  /** Floats of {@code Hyperparameters} in {@code optimizer.cuh}. */
  private static final int HYPERPARAMETERS = 8;

  /** Words of {@code Tile} in {@code optimizer.cu}. */
  private static final int TILE = 4;

  /** Parameters of a tile: some for each thread of a block. */
  private static final int TILE_SIZE = 4096;

  /** Partial sums of a norm, as in {@code optimizer.cu}. */
  private static final int PARTS = 32;

  private final Gpu gpu;
  private final StackLayout layout;
  private final StackNumbers numbers;
  private final OptimizerKind kind;
  private final int[] tileWords;
  private final DeviceArena.Words tiles;
  private final DeviceArena.Words rates; // [R, steps, 2]
  private final DeviceArena.Words norms; // [R, PARTS, 2] doubles
  private final int mostSteps;
  private TrainingOptions[] options; // [R]
  private int step; // done

  /** Every replica's Hyperparameters, {@code [R, 8]}. */
  final DeviceArena.Words hyper;

  /** Every replica's label smoothing, {@code [R]}. */
  final DeviceArena.Words smoothing;

  /**
   * Reserves the buffers.
   *
   * @param options one a replica
   * @param mostSteps of one call
   */
  StackOptimizer(
      DeviceArena arena,
      Gpu gpu,
      StackLayout layout,
      StackNumbers numbers,
      List<TrainingOptions> options,
      int mostSteps) {
    this.gpu = gpu;
    this.layout = layout;
    this.numbers = numbers;
    this.mostSteps = mostSteps;
    this.options = options.toArray(TrainingOptions[]::new);
    kind = options.getFirst().optimizer().name();
    tileWords = tiles(layout.spec(), layout.parameters(), kind.adaptive());
    int replicas = options.size();
    tiles = arena.reserve(tileWords.length);
    rates = arena.reserve(2L * replicas * mostSteps);
    norms = arena.reserveDoubles(2L * replicas * PARTS);
    hyper = arena.reserve((long) replicas * HYPERPARAMETERS);
    smoothing = arena.reserve(replicas);
  }

  /** Cuts θ into tiles of one multiplier of the learning rate each. */
  private static int[] tiles(MlpSpec spec, ParameterLayout layout, boolean adaptive) {
    List<int[]> tiles = new ArrayList<>();
    for (int l = 0; l < spec.layers(); l++) {
      int out = spec.fanOut(l);
      double weightRate = spec.parameterization().weightRate(spec, l, adaptive);
      double vectorRate = spec.parameterization().vectorRate(spec, l, adaptive);
      cut(tiles, layout.weight(l), spec.fanIn(l) * out, weightRate, true);
      cut(tiles, layout.bias(l), spec.bias() ? out : 0, vectorRate, false);
      cut(tiles, layout.gamma(l), spec.normalized(l) ? 2 * out : 0, vectorRate, false);
    }
    return tiles.stream().flatMapToInt(Arrays::stream).toArray();
  }

  private static void cut(
      List<int[]> tiles, int from, int count, double multiplier, boolean weights) {
    int bits = Float.floatToRawIntBits((float) multiplier);
    for (int at = from; at < from + count; at += TILE_SIZE) {
      int to = Math.min(at + TILE_SIZE, from + count);
      tiles.add(new int[] {at, to, bits, weights ? 1 : 0});
    }
  }

  /** Copies what does not change from step to step. */
  void upload(Stream stream) {
    stream.write(tiles, 0, tileWords);
    float[] scalars = new float[options.length * HYPERPARAMETERS];
    float[] epsilons = new float[options.length];
    for (int r = 0; r < options.length; r++) {
      OptimizerOptions o = options[r].optimizer();
      ClippingOptions c = options[r].clipping();
      double[] row = {
        o.momentum(),
        o.beta1(),
        o.beta2(),
        o.epsilon(),
        o.l2(),
        o.decay(),
        c.elementwise() == null ? Double.POSITIVE_INFINITY : c.elementwise(),
        c.globalNorm() == null ? Double.POSITIVE_INFINITY : c.globalNorm()
      };
      for (int i = 0; i < HYPERPARAMETERS; i++) {
        scalars[r * HYPERPARAMETERS + i] = (float) row[i];
      }
      epsilons[r] = (float) options[r].labelSmoothing();
    }
    stream.write(hyper, 0, scalars);
    stream.write(smoothing, 0, epsilons);
  }

  /** From now on replica i has the options that {@code replicas[i]} had. */
  void keep(Stream stream, int[] replicas) {
    options = Arrays.stream(replicas).mapToObj(r -> options[r]).toArray(TrainingOptions[]::new);
    upload(stream);
  }

  /** Address of the tiles. */
  long tiles() {
    return tiles.address();
  }

  /** Number of tiles. */
  int tileCount() {
    return tileWords.length / TILE;
  }

  /** Address of the rates of the steps of a call, {@code [R, steps, 2]}. */
  long rates() {
    return rates.address();
  }

  /** Address of the sums of squares of gradients, {@code [R, PARTS, 2]} doubles. */
  long norms() {
    return norms.address();
  }

  /**
   * Enqueues the rates of the next steps: the scheduled one, and with Adam's correction
   * √(1-β₂ᵗ)/(1-β₁ᵗ).
   *
   * @param learningRates scheduled, {@code [R, steps]}
   */
  void beginCall(Stream stream, double[][] learningRates) {
    int steps = learningRates[0].length;
    if (steps > mostSteps) {
      throw new IllegalArgumentException("a call takes up to " + mostSteps + " steps");
    }
    float[] pairs = new float[2 * options.length * steps];
    for (int r = 0; r < options.length; r++) {
      OptimizerOptions o = options[r].optimizer();
      for (int i = 0; i < steps; i++) {
        int t = step + i + 1;
        double correction =
            kind.adaptive()
                ? Math.sqrt(1 - Math.pow(o.beta2(), t)) / (1 - Math.pow(o.beta1(), t))
                : 1;
        pairs[2 * (r * steps + i)] = (float) learningRates[r][i];
        pairs[2 * (r * steps + i) + 1] = (float) (learningRates[r][i] * correction);
      }
    }
    stream.write(rates, 0, pairs);
    step += steps;
  }

  private boolean clipsByNorm() {
    return Arrays.stream(options).anyMatch(each -> each.clipping().globalNorm() != null);
  }

  /**
   * Enqueues step {@code index} of the call's {@code steps}, from the gradients to θ.
   *
   * @param withNorms whether the norms are asked for
   */
  void step(Stream stream, int index, int steps, boolean withNorms) {
    boolean clips = clipsByNorm();
    if (clips || withNorms) {
      gpu.kernel("optimizer.cu", "gradient_norms")
          .launchBlocks(
              stream,
              PARTS,
              options.length,
              THREADS,
              0,
              numbers.gradient.address(),
              norms.address(),
              hyper.address(),
              layout.parameters().size(),
              layout.thetaStride());
    }
    gpu.kernel("optimizer.cu", "optimize")
        .launchBlocks(
            stream,
            tileCount(),
            options.length,
            THREADS,
            0,
            numbers.theta.address(),
            numbers.gradient.address(),
            numbers.first == null ? 0L : numbers.first.address(),
            numbers.second == null ? 0L : numbers.second.address(),
            hyper.address(),
            tiles.address(),
            rates.address(),
            clips ? norms.address() : 0L,
            KernelCodes.of(kind),
            steps,
            index,
            layout.thetaStride());
  }

  /** Waits for the stream; the norms of the last gradients, {@code [R]}. */
  void readNorms(Stream stream, double[] result) {
    double[] sums = new double[2 * options.length * PARTS];
    stream.read(norms, sums);
    stream.synchronize();
    for (int r = 0; r < options.length; r++) {
      double squares = 0;
      for (int part = 0; part < PARTS; part++) {
        squares += sums[2 * (r * PARTS + part)];
      }
      result[r] = Math.sqrt(squares);
    }
  }
}
