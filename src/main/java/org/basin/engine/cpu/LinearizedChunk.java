package org.basin.engine.cpu;

import java.lang.foreign.MemorySegment;
import org.basin.model.MlpSpec;
import org.basin.model.ParameterLayout;
import org.jspecify.annotations.Nullable;

/**
 * An objective's network at θ on one chunk of the examples: forward and backward pass, and what
 * they leave for the tangents of any vectors. A layer's matrix holds its biases as in {@link
 * Layer}; hidden activations stand example by example, with a last column of ones.
 *
 * <pre>
 * forward      z_l [rows, out] = [a_{l-1}, 1] [rows, in+1]  [W_l; b_l] [in+1, out]
 * outputs      fᵀ [classes, rows]
 * gradient     d[W_l; b_l] [in+1, out] = [a_{l-1}, 1]ᵀ dz_l
 * backward     da_{l-1} [rows, in] = dz_l [rows, out]  W_lᵀ [out, in]
 * </pre>
 */
final class LinearizedChunk {

  /** What a worker lends to the chunk that it works on. */
  static final class Scratch {
    final ActivationKernels activation;
    final float[] preActivation; // inputs of the activation, where its derivatives need them
    final ObjectiveLoss loss;

    Scratch(ObjectiveData data) {
      int largest = 0;
      for (int l = 1; l < data.spec().layers(); l++) {
        largest = Math.max(largest, data.rows() * data.stride(l));
      }
      activation = new ActivationKernels(data.spec().activation(), largest);
      boolean needed = ActivationKernels.needsInputs(data.spec().activation());
      preActivation = new float[needed ? largest : 0];
      loss =
          new ObjectiveLoss(
              data.options().loss(),
              data.spec().outputs(),
              data.options().labelSmoothing(),
              data.examples(),
              data.rows());
    }

    /** Bytes that a worker's holds. */
    static long bytes(ObjectiveData data) {
      boolean transcendental = ActivationKernels.bends(data.spec().activation());
      long largest = 0;
      for (int l = 1; l < data.spec().layers(); l++) {
        largest = Math.max(largest, (long) data.rows() * data.stride(l));
      }
      return Float.BYTES
          * ((transcendental ? 4 * largest : 0) + 2L * data.rows() * (data.spec().outputs() + 3));
    }
  }

  private final ObjectiveData data;
  private final MlpSpec spec;
  private final int last;
  private final boolean bends;
  private final ParameterVectors theta;

  final int[] stride; // of the rows of a layer's inputs: in + bias
  private final float[][] a; // a[l]: inputs of layer l > 0, [rows, stride[l]]
  final MemorySegment[] aView; // a[0]'s is the chunk at hand's
  final float[][] slope; // φ', [rows, stride[l]]
  final float[][] bend; // φ'', then da φ'', [rows, stride[l]]; where φ bends
  private final float[][] delta; // da[l], then dz of layer l - 1
  final MemorySegment[] deltaView;
  final NormalizedLayer[] normalized; // by layer; null where not normalised
  final float[] outputs; // [classes, rows]: logits, then softmax
  private final MemorySegment outputsView;
  private final float[] outputDelta; // [classes, rows]
  final MemorySegment outputDeltaView;

  int rows;
  int first; // example of the chunk's first row

  // What has been computed last.
  private int chunk = -1;
  private long version = -1;
  private boolean backwardDone;

  /** Buffers for the objective's largest chunk. */
  LinearizedChunk(ObjectiveData data, ParameterVectors theta) {
    this.data = data;
    this.theta = theta;
    spec = data.spec();
    ParameterLayout layout = data.layout();
    last = spec.layers() - 1;
    bends = ActivationKernels.bends(spec.activation());
    int layers = spec.layers();
    stride = new int[layers];
    a = new float[layers][];
    aView = new MemorySegment[layers];
    slope = new float[layers][];
    bend = new float[layers][];
    delta = new float[layers][];
    deltaView = new MemorySegment[layers];
    normalized = new NormalizedLayer[layers];
    for (int l = 0; l < layers; l++) {
      stride[l] = data.stride(l);
      int size = l == 0 ? 0 : data.rows() * stride[l];
      a[l] = new float[size];
      aView[l] = MemorySegment.ofArray(a[l]);
      slope[l] = new float[size];
      bend[l] = new float[bends ? size : 0];
      delta[l] = new float[size];
      deltaView[l] = MemorySegment.ofArray(delta[l]);
      if (spec.normalized(l)) {
        normalized[l] =
            new NormalizedLayer(
                spec.fanOut(l),
                data.stride(l + 1),
                layout.gamma(l),
                data.rows(),
                data.frozen(),
                data.statistics(),
                layout.statistics(l));
      }
    }
    outputs = new float[spec.outputs() * data.rows()];
    outputsView = MemorySegment.ofArray(outputs);
    outputDelta = new float[spec.outputs() * data.rows()];
    outputDeltaView = MemorySegment.ofArray(outputDelta);
  }

  /** Bytes that a chunk's buffers hold. */
  static long bytes(ObjectiveData data) {
    MlpSpec spec = data.spec();
    int buffers = ActivationKernels.bends(spec.activation()) ? 4 : 3;
    long floats = 2L * data.rows() * spec.outputs();
    long bytes = 0;
    for (int l = 1; l < spec.layers(); l++) {
      floats += (long) buffers * data.rows() * data.stride(l);
      if (spec.normalized(l - 1)) {
        bytes += NormalizedLayer.bytes(spec.fanOut(l - 1), data.stride(l), data.rows());
      }
    }
    return bytes + floats * Float.BYTES;
  }

  /** Sum of the losses of a chunk's examples. */
  double loss(int chunk, Scratch scratch) {
    forward(chunk, scratch, false);
    return scratch.loss.value(outputs, data.labels(), first, rows);
  }

  /** Outputs of a chunk's examples, into theirs of {@code logits} {@code [n, classes]}. */
  void outputs(int chunk, Scratch scratch, float[] logits) {
    forward(chunk, scratch, false);
    int classes = spec.outputs();
    for (int i = 0; i < rows; i++) {
      for (int k = 0; k < classes; k++) {
        logits[(first + i) * classes + k] = outputs[k * rows + i];
      }
    }
  }

  /**
   * A chunk's share of the mean loss's gradient.
   *
   * @return sum of the losses of the chunk's examples
   */
  double gradient(int chunk, Scratch scratch, ParameterVectors gradient) {
    double sum = differentiate(chunk, scratch);
    backward(gradient);
    return sum;
  }

  /**
   * Makes everything that tangents need, unless that is what was made last.
   *
   * @param version of θ: changes when θ does
   * @param withBackward whether the backward pass is needed too
   */
  void linearize(int chunk, long version, boolean withBackward, Scratch scratch) {
    if (chunk != this.chunk || version != this.version) {
      differentiate(chunk, scratch);
      this.chunk = chunk;
      this.version = version;
    }
    if (withBackward && !backwardDone) {
      backward(null);
      backwardDone = true;
    }
  }

  /** Forward pass with slopes, and the derivative by the outputs; returns the sum of the losses. */
  private double differentiate(int chunk, Scratch scratch) {
    forward(chunk, scratch, true);
    double sum = scratch.loss.value(outputs, data.labels(), first, rows);
    scratch.loss.derivative(outputs, outputDelta, data.labels(), first, rows);
    return sum;
  }

  /** Logits of a chunk end in {@link #outputs}, class by class. */
  private void forward(int chunk, Scratch scratch, boolean derivatives) {
    this.chunk = -1;
    backwardDone = false;
    rows = data.rows(chunk);
    first = data.first(chunk);
    aView[0] = data.inputs(chunk);
    for (int l = 0; l < last; l++) {
      int next = l + 1;
      OpenBlas.sgemm(
          false,
          false,
          rows,
          spec.fanOut(l),
          stride[l],
          1f,
          aView[l],
          stride[l],
          theta.matrix(0, l),
          spec.fanOut(l),
          0f,
          aView[next],
          stride[next]);
      if (spec.normalized(l)) {
        normalized[l].forward(a[next], theta.values, rows);
      }
      int n = rows * stride[next];
      if (derivatives) {
        scratch.activation.linearize(a[next], scratch.preActivation, slope[next], bend[next], n);
      } else {
        scratch.activation.forward(a[next], scratch.preActivation, n);
      }
      if (spec.bias()) {
        for (int i = 1; i <= rows; i++) {
          a[next][i * stride[next] - 1] = 1f;
        }
      }
    }
    OpenBlas.sgemm(
        true,
        true,
        spec.outputs(),
        rows,
        stride[last],
        1f,
        theta.matrix(0, last),
        spec.outputs(),
        aView[last],
        stride[last],
        0f,
        outputsView,
        rows);
  }

  /**
   * From {@link #outputDelta} down to the first layer.
   *
   * @param gradient receives the chunk's share of it; null when only the derivatives by the
   *     activations are needed
   */
  private void backward(@Nullable ParameterVectors gradient) {
    int classes = spec.outputs();
    if (gradient != null) {
      OpenBlas.sgemm(
          true,
          true,
          stride[last],
          classes,
          rows,
          1f,
          aView[last],
          stride[last],
          outputDeltaView,
          rows,
          0f,
          gradient.matrix(0, last),
          classes);
    }
    if (last > 0) {
      OpenBlas.sgemm(
          true,
          true,
          rows,
          spec.fanIn(last),
          classes,
          1f,
          outputDeltaView,
          rows,
          theta.matrix(0, last),
          classes,
          0f,
          deltaView[last],
          stride[last]);
    }
    for (int l = last - 1; l >= 0; l--) {
      int out = spec.fanOut(l);
      int next = l + 1;
      int n = rows * stride[next];
      if (bends) {
        TangentKernels.multiply(bend[next], 0, delta[next], n);
      }
      TangentKernels.multiply(delta[next], 0, slope[next], n);
      if (spec.normalized(l)) {
        float @Nullable [] ofNorm = gradient != null ? gradient.values : null;
        normalized[l].backward(delta[next], theta.values, ofNorm, rows);
      }
      if (gradient != null) {
        OpenBlas.sgemm(
            true,
            false,
            stride[l],
            out,
            rows,
            1f,
            aView[l],
            stride[l],
            deltaView[next],
            stride[next],
            0f,
            gradient.matrix(0, l),
            out);
      }
      if (l > 0) {
        OpenBlas.sgemm(
            false,
            true,
            rows,
            spec.fanIn(l),
            out,
            1f,
            deltaView[next],
            stride[next],
            theta.matrix(0, l),
            out,
            0f,
            deltaView[l],
            stride[l]);
      }
    }
  }
}
