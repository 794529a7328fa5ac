package org.basin.engine.cuda;

import org.basin.model.Activation;
import org.basin.model.MlpSpec;
import org.basin.model.ParameterLayout;

/**
 * Where the numbers of a stack stand on the GPU.
 *
 * <p>θ of a replica is in the order of {@link ParameterLayout}, replicas {@link #thetaStride}
 * apart. A layer's weight {@code [fanIn, fanOut]} and bias {@code [fanOut]} stand one behind the
 * other, so they are one matrix {@code [in, out]}, in = fanIn + 1; what the layer reads has a
 * column of ones behind its values to meet the bias, so that one product gives z with its bias, and
 * one the gradients of both. Rows are padded to a multiple of 4 floats (16 bytes), as wide accesses
 * need them.
 *
 * @param spec the network
 * @param parameters order of θ
 */
record StackLayout(MlpSpec spec, ParameterLayout parameters) {
  private static final int ROW_ALIGNMENT = 4;
  private static final int REPLICA_ALIGNMENT = 64;

  /** The layout of a network. */
  StackLayout(MlpSpec spec) {
    this(spec, new ParameterLayout(spec));
  }

  /** Values from a replica's θ to the next one's. */
  long thetaStride() {
    return roundUp(parameters.size(), REPLICA_ALIGNMENT);
  }

  /** Rows of a layer's matrix: its inputs, and the bias. */
  int in(int layer) {
    return spec.fanIn(layer) + (spec.bias() ? 1 : 0);
  }

  /** Values from a row of what a layer reads to the next. */
  int inputStride(int layer) {
    return (int) roundUp(in(layer), ROW_ALIGNMENT);
  }

  /** Values from a row of the outputs to the next. */
  int outputStride() {
    return (int) roundUp(spec.outputs(), ROW_ALIGNMENT);
  }

  /** Values from a row of what a layer gives to the next. */
  int stride(int layer) {
    return layer == spec.layers() - 1 ? outputStride() : inputStride(layer + 1);
  }

  /** Whether the way back through the activation needs its inputs beside its outputs. */
  boolean keepsInputs() {
    return spec.activation() == Activation.GELU;
  }

  private static long roundUp(long count, int multiple) {
    return Math.ceilDiv(count, multiple) * multiple;
  }
}
