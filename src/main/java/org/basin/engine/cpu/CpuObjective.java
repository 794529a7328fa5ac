package org.basin.engine.cpu;

import java.util.Arrays;
import org.basin.InvalidInputException;
import org.basin.data.Examples;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.ParameterLayout;
import org.basin.train.Objective;
import org.basin.train.ObjectiveOptions;

/**
 * An objective on the CPU: examples in chunks, so that memory stays bounded, and several vectors at
 * once. Workers share the chunks; each chunk's result is single precision and is added to the total
 * in double precision, in the order of the chunks.
 *
 * <p>Gradients and products are off by up to 2e-6 of their norm (of 120 random small networks,
 * against automatic differentiation in double precision). The same arguments give the same bits for
 * any number of workers. Buffers are allocated at construction, and when a call brings more vectors
 * than any before.
 */
final class CpuObjective implements Objective {
  /** Examples of a chunk: enough for products at full pace, few enough for the cache. */
  static final int CHUNK_ROWS = 512;

  private static final int LONGEST_ARRAY = Integer.MAX_VALUE - 8;

  /** Vectors of a pass: beyond, what they share is a small part. */
  private static final int MOST_VECTORS = 16;

  /** Vectors of a pass at least, where the passes at θ are made again for each. */
  private static final int FEWEST_VECTORS = 4;

  /**
   * Bytes up to which the passes of all chunks are kept, so that a next product at the same θ does
   * without them.
   */
  static final long MOST_KEPT = 1 << 28;

  /** Values of a stack of tangents, or of vectors: few enough to stay in the cache. */
  private static final long MOST_VALUES = 1 << 18;

  private final ObjectiveData data;
  private final MlpSpec spec;
  private final ParameterLayout layout;
  private final int size;
  private final ParameterVectors theta;
  private final ParameterVectors[] gradients; // of a worker's chunk
  private final LinearizedChunk.Scratch[] scratch; // by worker
  private final TangentPass[] tangents; // by worker
  private final LinearizedChunk[] linearized; // by chunk where all are kept, else by worker
  private final ChunkWorkers workers;
  private final int vectorsAtOnce;

  private int capacity;
  private ParameterVectors vectors;
  private double[] total; // [capacity, P]
  private double lossSum;
  private long version; // of theta

  /**
   * An objective as {@link org.basin.train.ObjectiveEngine#objective} describes it.
   *
   * @param workers most chunks computed side by side
   * @param chunkRows most examples of a chunk
   * @param mostKept bytes up to which the passes at θ are kept
   */
  CpuObjective(
      MlpSpec spec,
      ObjectiveOptions options,
      Examples examples,
      NetworkState statistics,
      int workers,
      int chunkRows,
      long mostKept) {
    options.requireShapes(spec, examples, statistics);
    this.spec = spec;
    long inputs = spec.bias() ? (long) examples.count() * (spec.inputs() + 1) : 0;
    requireArray("inputs", inputs);
    requireMemory(inputs * Float.BYTES);
    data = new ObjectiveData(spec, options, examples, statistics, chunkRows);
    layout = data.layout();
    size = layout.size();
    int count = Math.min(workers, data.chunks());
    long widest = 0;
    for (int l = 0; l < spec.layers(); l++) {
      widest = Math.max(widest, l == 0 ? spec.outputs() : data.stride(l));
    }
    requireArray("activations", widest * data.rows());
    long all = data.chunks() * LinearizedChunk.bytes(data);
    boolean kept = all <= Math.min(mostKept, available() / 4);
    requireMemory(
        (kept ? all : count * LinearizedChunk.bytes(data))
            + count * (LinearizedChunk.Scratch.bytes(data) + (long) size * Float.BYTES)
            + tangentBytes(count, 1));
    vectorsAtOnce = vectorsAtOnce(kept ? 1 : FEWEST_VECTORS);
    theta = new ParameterVectors(spec, layout, 1);
    vectors = theta;
    total = new double[size];
    linearized = new LinearizedChunk[kept ? data.chunks() : count];
    for (int i = 0; i < linearized.length; i++) {
      linearized[i] = new LinearizedChunk(data, theta);
    }
    gradients = new ParameterVectors[count];
    scratch = new LinearizedChunk.Scratch[count];
    tangents = new TangentPass[count];
    for (int w = 0; w < count; w++) {
      gradients[w] = new ParameterVectors(spec, layout, 1);
      scratch[w] = new LinearizedChunk.Scratch(data);
      tangents[w] = new TangentPass(data, theta, linearized[0]);
    }
    this.workers = new ChunkWorkers(count);
  }

  /** Bytes that products hold, with room for {@code vectors} at once. */
  private long tangentBytes(long workers, long vectors) {
    return workers * TangentPass.bytes(data, vectors)
        + size * vectors * (Float.BYTES + Double.BYTES);
  }

  private static void requireArray(String what, long values) {
    if (values > LONGEST_ARRAY) {
      throw new InvalidInputException(
          "the objective's %s are %,d values in one array, allowed: up to %,d"
              .formatted(what, values, LONGEST_ARRAY));
    }
  }

  private static void requireMemory(long bytes) {
    if (bytes > available()) {
      System.gc(); // Garbage counts as used until it is collected.
      long available = available();
      if (bytes > available) {
        throw new InvalidInputException(
            "the objective needs %,d bytes of memory, available: %,d; allowed: a smaller model,"
                    .formatted(bytes, available)
                + " fewer examples, or a larger heap (BASIN_JAVA_OPTIONS=-Xmx...)");
      }
    }
  }

  private static long available() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.maxMemory() - runtime.totalMemory() + runtime.freeMemory();
  }

  private int vectorsAtOnce(int fewest) {
    long largest = Math.max(size, (long) data.rows() * spec.outputs());
    for (int l = 1; l < spec.layers(); l++) {
      largest = Math.max(largest, (long) data.rows() * data.stride(l));
    }
    long addressable = LONGEST_ARRAY / largest;
    return (int) Math.min(addressable, Math.clamp(MOST_VALUES / largest, fewest, MOST_VECTORS));
  }

  /**
   * Makes room for {@code count} vectors at once, or for fewer where memory does not hold them.
   *
   * @return how many there is room for
   */
  private int reserve(int count) {
    if (count <= capacity) {
      return count;
    }
    int fitting = count;
    while (fitting > 1 && tangentBytes(tangents.length, fitting) > available()) {
      fitting /= 2;
    }
    if (fitting > capacity) {
      requireMemory(tangentBytes(tangents.length, fitting));
      vectors = new ParameterVectors(spec, layout, fitting);
      total = new double[Math.multiplyExact(fitting, size)];
      for (TangentPass pass : tangents) {
        pass.reserve(fitting);
      }
      capacity = fitting;
    }
    return capacity;
  }

  private void setTheta(float[] values) {
    requireLength("theta", values, 1);
    if (!Arrays.equals(values, 0, size, theta.values, 0, size)) {
      System.arraycopy(values, 0, theta.values, 0, size);
      version++;
    }
  }

  /** Where {@code worker} computes {@code chunk}. */
  private LinearizedChunk chunk(int worker, int chunk) {
    return linearized[linearized.length == data.chunks() ? chunk : worker];
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
    setTheta(at);
    double[] losses = new double[scratch.length];
    lossSum = 0;
    workers.run(
        data.chunks(),
        new ChunkWorkers.Work() {
          @Override
          public void compute(int worker, int chunk) {
            losses[worker] = chunk(worker, chunk).loss(chunk, scratch[worker]);
          }

          @Override
          public void reduce(int worker, int chunk) {
            lossSum += losses[worker];
          }
        });
    return lossSum / data.examples() + penalty();
  }

  /** ½ c ‖w‖² over the weights. */
  private double penalty() {
    double squares = 0;
    for (int l = 0; l < spec.layers() && data.options().l2() > 0; l++) {
      int from = layout.weight(l);
      for (int i = from; i < from + spec.fanIn(l) * spec.fanOut(l); i++) {
        squares += (double) theta.values[i] * theta.values[i];
      }
    }
    return 0.5 * data.options().l2() * squares;
  }

  @Override
  public double gradient(float[] at, float[] gradient) {
    setTheta(at);
    requireLength("gradient", gradient, 1);
    double[] losses = new double[scratch.length];
    lossSum = 0;
    Arrays.fill(total, 0, size, 0);
    workers.run(
        data.chunks(),
        new ChunkWorkers.Work() {
          @Override
          public void compute(int worker, int chunk) {
            losses[worker] =
                chunk(worker, chunk).gradient(chunk, scratch[worker], gradients[worker]);
          }

          @Override
          public void reduce(int worker, int chunk) {
            lossSum += losses[worker];
            TangentKernels.accumulate(total, gradients[worker].values, size);
          }
        });
    store(theta.values, 1, gradient, 0);
    return lossSum / data.examples() + penalty();
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
    setTheta(at);
    requireLength("vectors", of, count);
    requireLength("products", products, count);
    int atOnce = reserve(Math.min(count, vectorsAtOnce));
    for (int from = 0; from < count; from += atOnce) {
      int n = Math.min(atOnce, count - from);
      System.arraycopy(of, from * size, vectors.values, 0, n * size);
      Arrays.fill(total, 0, n * size, 0);
      workers.run(
          data.chunks(),
          new ChunkWorkers.Work() {
            @Override
            public void compute(int worker, int index) {
              LinearizedChunk chunk = chunk(worker, index);
              chunk.linearize(index, version, hessian, scratch[worker]);
              ObjectiveLoss loss = scratch[worker].loss;
              if (hessian) {
                tangents[worker].hessianVectors(chunk, loss, vectors, n);
              } else {
                tangents[worker].gaussNewtonVectors(chunk, loss, vectors, n);
              }
            }

            @Override
            public void reduce(int worker, int index) {
              TangentKernels.accumulate(total, tangents[worker].products(), n * size);
            }
          });
      store(vectors.values, n, products, from * size);
    }
  }

  /**
   * The total, and c x on the weights, into {@code out} from {@code at} on.
   *
   * @param x {@code [count, P]}
   */
  private void store(float[] x, int count, float[] out, int at) {
    double l2 = data.options().l2();
    for (int j = 0; j < count && l2 > 0; j++) {
      for (int l = 0; l < spec.layers(); l++) {
        int from = j * size + layout.weight(l);
        for (int i = from; i < from + spec.fanIn(l) * spec.fanOut(l); i++) {
          total[i] += l2 * x[i];
        }
      }
    }
    for (int i = 0; i < count * size; i++) {
      out[at + i] = (float) total[i];
    }
  }

  @Override
  public float[] outputs(float[] at) {
    setTheta(at);
    float[] logits = new float[Math.multiplyExact(data.examples(), spec.outputs())];
    workers.run(
        data.chunks(),
        new ChunkWorkers.Work() {
          @Override
          public void compute(int worker, int chunk) {
            chunk(worker, chunk).outputs(chunk, scratch[worker], logits);
          }

          @Override
          public void reduce(int worker, int chunk) {
            // Every chunk has its own rows.
          }
        });
    return logits;
  }

  @Override
  public void close() {
    workers.close();
  }
}
