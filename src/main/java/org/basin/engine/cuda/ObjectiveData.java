package org.basin.engine.cuda;

import java.util.Arrays;
import java.util.List;
import org.basin.InvalidInputException;
import org.basin.data.Examples;
import org.basin.engine.cuda.DeviceArena.Words;
import org.basin.engine.cuda.Products.Lanes;
import org.basin.model.Activation;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.ParameterLayout;
import org.basin.train.BatchNormPolicy;
import org.basin.train.LossFunction;
import org.basin.train.ObjectiveOptions;

/**
 * What the passes of R networks' objectives share: their definition, their examples on the GPU cut
 * into chunks of nearly equal size, and constant statistics of batch normalisation. Inputs that all
 * have stand there once: label noise changes the labels alone.
 *
 * <p>Nodes of the network are counted from 0, the inputs, to the number of layers, the outputs;
 * layer l leads from node l to node l + 1. A node's rows stand {@link #stride} apart; behind those
 * that meet biases stands a one.
 */
final class ObjectiveData {
  private static final double EPSILON = 1e-5; // of the variance, as in tangent_batchnorm.cu

  /** Kernels count the values of a chunk's activations in an int, and so many more in a block. */
  private static final long MOST_VALUES = Integer.MAX_VALUE - 1024;

  private final MlpSpec spec;
  private final ParameterLayout layout;
  private final ObjectiveOptions options;
  private final List<Examples> examples; // of each network
  private final List<NetworkState> statistics;
  private final int count; // n, of each network
  private final boolean sameInputs;
  private final int rows;
  private final int chunks;
  private final Words inputs; // [R, n, stride(0)], or one of them
  private final Words labels; // [R, n]
  private final Words mean; // frozen: [R, statisticsSize]
  private final Words inverse; // frozen: 1/√(variance + ε)

  /**
   * Cuts the examples: into chunks of at most {@code most}, or into one where they meet in batch
   * normalisation.
   *
   * @param examples of each network, of the same number
   * @param statistics of each network
   */
  ObjectiveData(
      MlpSpec spec,
      ObjectiveOptions options,
      List<Examples> examples,
      List<NetworkState> statistics,
      int most,
      DeviceArena arena) {
    this.spec = spec;
    layout = new ParameterLayout(spec);
    this.options = options;
    this.examples = examples;
    this.statistics = statistics;
    float[] first = examples.getFirst().inputs();
    sameInputs = examples.stream().allMatch(each -> Arrays.equals(each.inputs(), first));
    count = examples.getFirst().count();
    chunks = coupled(spec, options) ? 1 : Math.ceilDiv(count, most);
    rows = Math.ceilDiv(count, chunks);
    for (int node = 0; node <= spec.layers(); node++) {
      if ((long) rows * stride(node) > MOST_VALUES) {
        throw new InvalidInputException(
            "%,d examples at once of %,d values each are too many for a GPU kernel, allowed: up to %,d values"
                .formatted(rows, stride(node), MOST_VALUES));
      }
    }
    inputs = arena.reserve((sameInputs ? 1L : networks()) * count * stride(0));
    labels = arena.reserve((long) networks() * count);
    long constants = frozen() ? (long) networks() * layout.statisticsSize() : 0;
    mean = arena.reserve(constants);
    inverse = arena.reserve(constants);
  }

  /** Whether all examples must be computed at once. */
  static boolean coupled(MlpSpec spec, ObjectiveOptions options) {
    return spec.batchNorm() && options.batchNorm() == BatchNormPolicy.BATCH;
  }

  /** Copies to the GPU what the arrays hold for good. */
  void upload(ObjectiveWork work) {
    for (int r = 0; r < networks(); r++) {
      for (int chunk = 0; chunk < chunks && (r == 0 || !sameInputs); chunk++) {
        long at = ((long) r * count + first(chunk)) * stride(0);
        float[] padded =
            StackData.padded(spec, examples.get(r).inputs(), first(chunk), rows(chunk), stride(0));
        work.stream().write(inputs, at, padded);
        work.stream().synchronize();
      }
      work.stream().write(labels, (long) r * count, examples.get(r).labels());
      if (frozen()) {
        float[] scales = new float[layout.statisticsSize()];
        for (int j = 0; j < scales.length; j++) {
          scales[j] = (float) (1 / Math.sqrt(statistics.get(r).runningVariance()[j] + EPSILON));
        }
        long at = (long) r * layout.statisticsSize();
        work.stream().write(mean, at, statistics.get(r).runningMean());
        work.stream().write(inverse, at, scales);
      }
    }
    work.stream().synchronize();
  }

  /** Number of networks R. */
  int networks() {
    return examples.size();
  }

  MlpSpec spec() {
    return spec;
  }

  ParameterLayout layout() {
    return layout;
  }

  ObjectiveOptions options() {
    return options;
  }

  /** Whether batch normalisation's statistics are constants. */
  boolean frozen() {
    return options.batchNorm() == BatchNormPolicy.FROZEN;
  }

  /** What a sum over the batch is multiplied by for a mean: 0 where statistics are constants. */
  double share(int rowsOfChunk) {
    return frozen() ? 0 : 1.0 / rowsOfChunk;
  }

  /**
   * Where a network's mean of the unit 0 of the layer before a node stands, with frozen statistics;
   * the next one's is {@code statisticsSize} values on.
   */
  long mean(int network, int node) {
    return mean.address((long) network * layout.statisticsSize() + layout.statistics(node - 1));
  }

  /** As {@link #mean}, of 1/√(variance + ε). */
  long inverse(int network, int node) {
    return inverse.address((long) network * layout.statisticsSize() + layout.statistics(node - 1));
  }

  /** The activation's number. */
  int activation() {
    return KernelCodes.of(spec.activation());
  }

  /** Whether the activation has a second derivative. */
  boolean bends() {
    return spec.activation() == Activation.TANH || spec.activation() == Activation.GELU;
  }

  /** Whether the activation's derivatives need its inputs. */
  boolean needsInputs() {
    return spec.activation() == Activation.GELU;
  }

  /** Factor of the derivatives of an example's loss in those of the objective. */
  double lossShare() {
    return options.loss() == LossFunction.MSE ? 2 / ((double) spec.outputs() * count) : 1.0 / count;
  }

  /** Number of examples n. */
  int examples() {
    return count;
  }

  int chunks() {
    return chunks;
  }

  /** Rows of the largest chunk. */
  int rows() {
    return rows;
  }

  /** Rows of a chunk. */
  int rows(int chunk) {
    return Math.min(rows, count - first(chunk));
  }

  /** A chunk's first example. */
  int first(int chunk) {
    return chunk * rows;
  }

  /** Address of a network's labels of a chunk; the next one's are {@link #examples} values on. */
  long labels(int network, int chunk) {
    return labels.address((long) network * count + first(chunk));
  }

  /** Number of layers: the number of the last node. */
  int layers() {
    return spec.layers();
  }

  /** Values of a node. */
  int width(int node) {
    return node == 0 ? spec.inputs() : spec.fanOut(node - 1);
  }

  /** Rows of layer {@code l}'s matrix [W; b]. */
  int height(int l) {
    return spec.fanIn(l) + (spec.bias() ? 1 : 0);
  }

  /** Values from a row of a node to the next, a multiple of 4 so that rows are aligned. */
  int stride(int node) {
    int values = node < layers() ? height(node) : width(node);
    return Math.ceilDiv(values, 4) * 4;
  }

  /** Values from a node of a point, or of a vector, to that of the next. */
  long block(int node) {
    return (long) rows * stride(node);
  }

  /** Whether the layer before a node is normalised. */
  boolean normalized(int node) {
    return spec.normalized(node - 1);
  }

  /** Values of the largest hidden node. */
  long largestBlock() {
    long largest = 0;
    for (int node = 1; node < layers(); node++) {
      largest = Math.max(largest, block(node));
    }
    return largest;
  }

  /** Doubles that the sums over the columns of a node hold on their way. */
  long columnParts() {
    return spec.batchNorm()
        ? 2L * Math.ceilDiv(rows, ObjectiveKernels.SLAB) * Math.max(1, spec.width())
        : 0;
  }

  /** The inputs of a chunk from a network on, for all lanes the same. */
  Lanes inputs(int network, int chunk) {
    long apart = sameInputs ? 0 : (long) count * stride(0);
    return new Lanes(
        inputs.address(network * apart + (long) first(chunk) * stride(0)), stride(0), apart, 0);
  }

  /** Matrices of layer {@code l} in vectors {@code [lanes, networks, P]}. */
  Lanes matrices(Words vectors, int l, ObjectiveBatch batch) {
    long size = layout.size();
    return new Lanes(
        vectors.address(layout.weight(l)), spec.fanOut(l), size, batch.networks() * size);
  }

  /** Matrices of layer {@code l} in the points {@code [R, P]} of networks, for all lanes. */
  Lanes pointMatrices(Words theta, int l, ObjectiveBatch batch) {
    long size = layout.size();
    return new Lanes(
        theta.address(batch.first() * size + layout.weight(l)), spec.fanOut(l), size, 0);
  }
}
