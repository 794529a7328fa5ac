package org.basin.engine.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.basin.model.Activation;
import org.basin.model.MlpSpec;
import org.basin.model.ParameterLayout;
import org.basin.train.LossFunction;
import org.basin.train.OptimizerKind;
import org.jspecify.annotations.Nullable;

/**
 * How the block of {@code persistent.cu} that trains a replica uses its shared memory and its
 * threads.
 *
 * @param threads of the block
 * @param capacity rows of the batch that are in shared memory at once; a longer batch is taken in
 *     chunks
 * @param words of shared memory, 4 bytes each
 * @param plan Network, Layers and Ranges, as the kernel has them
 */
@SuppressWarnings("ArrayRecordComponent") // passed on to the GPU, never compared
record PersistentLayout(int threads, int capacity, int words, int[] plan) {
  private static final int FEWEST_THREADS = 128;

  /** MOST_THREADS of the kernel. */
  private static final int MOST_THREADS = 512;

  private static final int WARP = 32;

  /** Below so many rows the gradients of chunks are added up more than they are computed. */
  private static final int FEWEST_CHUNK_ROWS = 32;

  private static final int NOWHERE = -1;
  private static final int NETWORK_WORDS = 19;
  private static final int LAYER_WORDS = 19;
  private static final int RANGE_WORDS = 7;

  /**
   * The layout with the largest chunks that fits.
   *
   * @param batch rows of a step, at most
   * @param sharedMemory bytes that a block may ask for
   * @return null when the network does not fit
   */
  static @Nullable PersistentLayout of(
      MlpSpec spec, LossFunction loss, OptimizerKind optimizer, int batch, int sharedMemory) {
    if (4 * spec.parameterCount() > sharedMemory) {
      return null; // and 2³¹ of them would not have a layout
    }
    for (int chunks = 1; chunks <= batch; chunks++) {
      int capacity = upToQuad(Math.ceilDiv(batch, chunks));
      if (chunks > 1 && (capacity < FEWEST_CHUNK_ROWS || spec.batchNorm())) {
        return null; // statistics are those of the whole batch
      }
      if (capacity > MOST_THREADS) {
        continue;
      }
      for (boolean stateInside : new boolean[] {true, false}) {
        PersistentLayout layout =
            new Planner(spec, loss, optimizer, capacity, stateInside).layout();
        if (layout.sharedBytes() <= sharedMemory) {
          return layout;
        }
      }
    }
    return null;
  }

  /** Bytes of shared memory that a block asks for. */
  int sharedBytes() {
    return Math.multiplyExact(4, words);
  }

  /** {@code count} rounded up to a multiple of 4: of 16 bytes. */
  private static int upToQuad(int count) {
    return Math.ceilDiv(count, 4) * 4;
  }

  /** {@code count} rounded up to an odd multiple of 4. */
  private static int upToOddQuad(int count) {
    return (Math.ceilDiv(count, 4) | 1) * 4;
  }

  /** Gives everything its place, one behind the other. */
  private static final class Planner {
    private final MlpSpec spec;
    private final ParameterLayout parameters;
    private final LossFunction loss;
    private final OptimizerKind optimizer;
    private final int capacity;
    private final boolean stateInside;
    private final int threads;
    private int next;

    /**
     * A plan with chunks of {@code capacity} rows.
     *
     * @param stateInside whether the optimiser's state is in shared memory
     */
    Planner(
        MlpSpec spec,
        LossFunction loss,
        OptimizerKind optimizer,
        int capacity,
        boolean stateInside) {
      this.spec = spec;
      this.loss = loss;
      this.optimizer = optimizer;
      this.capacity = capacity;
      this.stateInside = stateInside;
      parameters = new ParameterLayout(spec);
      int widest = Math.max(spec.width(), spec.outputs());
      int work = Math.max(capacity * widest / 8, parameters.size() / 16);
      int enough = Math.max(capacity, Math.clamp(work, FEWEST_THREADS, MOST_THREADS));
      threads = Integer.highestOneBit(2 * enough - 1);
    }

    private int take(int count) {
      int at = next;
      next = Math.addExact(next, upToQuad(count));
      return at;
    }

    private int in(int l) {
      return spec.fanIn(l) + (spec.bias() ? 1 : 0);
    }

    private boolean isOutput(int l) {
      return l == spec.layers() - 1;
    }

    /** Whether something of the way forward is kept for the way back beside the activations. */
    private boolean keeps(int l) {
      return !isOutput(l) && (spec.normalized(l) || spec.activation() == Activation.GELU);
    }

    private int stride(int l) {
      return upToOddQuad(isOutput(l) ? spec.outputs() : in(l + 1));
    }

    PersistentLayout layout() {
      int layers = spec.layers();
      int ranges = layers * (spec.bias() ? 2 : 1) + (spec.batchNorm() ? layers - 1 : 0);
      take(NETWORK_WORDS + layers * LAYER_WORDS + ranges * RANGE_WORDS);
      int sums = take(2 * 2 * MOST_THREADS / WARP);
      int[] weights = new int[layers];
      int[] scale = new int[layers];
      int[] kept = new int[layers];
      int[] rows = new int[layers + 1]; // of what layer l reads, and of the outputs
      rows[0] = take(capacity * upToOddQuad(in(0)));
      for (int l = 0; l < layers; l++) {
        weights[l] = take(upToQuad(in(l)) * upToOddQuad(spec.fanOut(l)));
        scale[l] = spec.normalized(l) ? take(2 * spec.fanOut(l)) : NOWHERE;
        rows[l + 1] = take(capacity * stride(l));
        kept[l] = keeps(l) ? take(capacity * stride(l)) : NOWHERE;
      }
      int statistics = parameters.statisticsSize();
      int size = parameters.size();
      boolean first = stateInside && optimizer != OptimizerKind.SGD;
      boolean second = stateInside && optimizer.adaptive();
      int[] network = {
        layers,
        ranges,
        size,
        statistics,
        spec.outputs(),
        KernelCodes.of(spec.activation()),
        KernelCodes.of(loss),
        KernelCodes.of(optimizer),
        capacity,
        take(size),
        first ? take(size) : NOWHERE,
        second ? take(size) : NOWHERE,
        take(statistics),
        take(statistics),
        take(statistics),
        sums,
        take(capacity),
        take(capacity),
        next
      };
      List<int[]> plan = new ArrayList<>();
      plan.add(network);
      for (int l = 0; l < layers; l++) {
        plan.add(layer(l, weights[l], scale[l], kept[l], rows));
      }
      addRanges(plan, weights, scale);
      return new PersistentLayout(
          threads, capacity, next, plan.stream().flatMapToInt(Arrays::stream).toArray());
    }

    private int[] layer(int l, int weights, int scale, int kept, int[] rows) {
      int out = spec.fanOut(l);
      boolean plain = isOutput(l) || spec.normalized(l);
      return new int[] {
        spec.fanIn(l),
        in(l),
        out,
        weights,
        upToOddQuad(out),
        parameters.weight(l),
        rows[l],
        upToOddQuad(in(l)),
        rows[l + 1],
        stride(l),
        kept,
        spec.normalized(l) ? parameters.gamma(l) : NOWHERE,
        scale,
        parameters.statistics(l),
        KernelCodes.of(plain ? Activation.IDENTITY : spec.activation()),
        spec.bias() && !isOutput(l) ? 1 : 0,
        tileRows(out),
        tileRows(spec.fanIn(l)),
        sliceBits(in(l), out)
      };
    }

    /** Rows of a tile by which a product of {@code columns} columns is done soonest. */
    private int tileRows(int columns) {
      int best = 1;
      long least = Long.MAX_VALUE;
      for (int rows : new int[] {4, 2, 1}) {
        long tiles = (long) Math.ceilDiv(capacity, rows) * Math.ceilDiv(columns, 4);
        long loads = Math.ceilDiv(tiles, threads) * (rows + 4); // of 16 bytes for 4 terms of sums
        if (loads < least) {
          least = loads;
          best = rows;
        }
      }
      return best;
    }

    /** log₂ of the threads that share a tile of a gradient {@code [in, out]}. */
    private int sliceBits(int in, int out) {
      long tiles = (long) Math.ceilDiv(in, 4) * Math.ceilDiv(out, 4);
      int best = 0;
      long least = Long.MAX_VALUE;
      for (int bits = 0; bits <= 5; bits++) {
        long rows = Math.ceilDiv(capacity, 1 << bits) + 4L; // 4: to begin and end a tile
        long time = Math.ceilDiv(tiles << bits, threads) * rows;
        if (time < least) {
          least = time;
          best = bits;
        }
      }
      return best;
    }

    /** The ranges of one multiplier, in the order of θ. */
    private void addRanges(List<int[]> plan, int[] weights, int[] scale) {
      for (int l = 0; l < spec.layers(); l++) {
        int out = spec.fanOut(l);
        int stride = upToOddQuad(out);
        int values = spec.fanIn(l) * out;
        int at = weights[l];
        boolean adaptive = optimizer.adaptive();
        double rate = spec.parameterization().weightRate(spec, l, adaptive);
        plan.add(range(parameters.weight(l), values, rate, 1, at, out, stride));
        if (spec.bias()) {
          rate = spec.parameterization().vectorRate(spec, l, adaptive);
          at += spec.fanIn(l) * stride;
          plan.add(range(parameters.bias(l), out, rate, 0, at, out, stride));
        }
      }
      for (int l = 0; l < spec.layers(); l++) {
        if (spec.normalized(l)) {
          int values = 2 * spec.fanOut(l);
          double rate = spec.parameterization().vectorRate(spec, l, optimizer.adaptive());
          plan.add(range(parameters.gamma(l), values, rate, 0, scale[l], values, values));
        }
      }
    }

    private static int[] range(
        int from, int count, double multiplier, int weight, int at, int columns, int stride) {
      int bits = Float.floatToRawIntBits((float) multiplier);
      return new int[] {from, from + count, bits, weight, at, columns, stride};
    }
  }
}
