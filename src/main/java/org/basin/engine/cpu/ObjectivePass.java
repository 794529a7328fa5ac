package org.basin.engine.cpu;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.basin.model.Activation;
import org.basin.model.MlpSpec;
import org.basin.model.ParameterLayout;

/**
 * The passes of an objective over one chunk of its examples: buffers of one worker, and the order
 * of the kernels. Layers' matrices and activations as in {@link CpuNetwork}; tangents R{.} stand
 * vector after vector, {@code [count, rows, stride]}, their last column 0.
 *
 * <pre>
 * once a chunk, for all vectors
 *   forward      z_l [rows, out] = [a_{l-1}, 1] [W_l; b_l]
 *   backward     da_{l-1} [rows, in] = dz_l W_lᵀ
 * for every vector (Pearlmutter 1994); products with W_l for all of them in one
 *   forward      R{z_l} = R{a_{l-1}} W_l + [a_{l-1}, 1] [V_l; v_l]
 *                R{a_l} = φ' R{u_l}
 *   outputs      R{df} = H_ℓ R{f}
 *   backward     R{du_l} = R{da_l} φ' + da_l φ'' R{u_l}
 *                R{d[W_l; b_l]} = [a_{l-1}, 1]ᵀ R{dz_l} + [R{a_{l-1}}, 0]ᵀ dz_l
 *                R{da_{l-1}} = R{dz_l} W_lᵀ + dz_l V_lᵀ
 * </pre>
 *
 * A Gauss–Newton product leaves out every term with d., the derivatives of the loss (Schraudolph
 * 2002), and needs no backward pass once a chunk.
 */
final class ObjectivePass {
  private final ObjectiveData data;
  private final MlpSpec spec;
  private final ParameterLayout layout;
  private final int last;
  private final int rowCapacity;
  private final boolean bends;
  private final ParameterVectors theta;
  private final ObjectiveLoss loss;
  private final ActivationKernels[] activations;

  private final int[] stride; // of the rows of a layer's inputs: in + bias
  private final float[][] a; // a[l]: inputs of layer l > 0, [rows, stride[l]]
  private final MemorySegment[] aView; // a[0]'s is the chunk at hand's
  private final float[][] preActivation; // inputs of the activation, where it needs them
  private final float[][] slope; // φ', [rows, stride[l]]
  private final float[][] bend; // da φ'', [rows, stride[l]]
  private final float[][] delta; // derivative by a[l], then by z of layer l - 1
  private final MemorySegment[] deltaView;
  private final NormalizedLayer[] normalized; // by layer; unused without batch normalisation
  private final float[] outputs; // [classes, rows]
  private final MemorySegment outputsView;
  private final float[] outputDelta; // [classes, rows]
  private final MemorySegment outputDeltaView;
  private final float[] gradient; // of one chunk, [P]
  private final ParameterVectors gradientViews;

  private int capacity;
  private ParameterVectors products;
  private final StackedRows[] tangent; // R{a[l]}
  private final StackedRows[] tangentInput; // R{u} of layer l - 1, where φ bends
  private final StackedRows[] tangentDelta;
  private float[] tangentOutputs = new float[0]; // [classes, capacity, rows]
  private MemorySegment tangentOutputsView = MemorySegment.NULL;
  private MemorySegment[] tangentOutputsBlocks = new MemorySegment[0];

  private int rows;
  private int first; // example of the chunk's first row

  /** Buffers for the objective's largest chunk; none yet for tangents. */
  ObjectivePass(ObjectiveData data, ParameterVectors theta) {
    this.data = data;
    this.theta = theta;
    spec = data.spec();
    layout = data.layout();
    last = spec.layers() - 1;
    rowCapacity = data.rows();
    bends = ActivationKernels.bends(spec.activation());
    loss =
        new ObjectiveLoss(
            data.options().loss(),
            spec.outputs(),
            data.options().labelSmoothing(),
            data.examples(),
            rowCapacity);
    int layers = spec.layers();
    stride = new int[layers];
    a = new float[layers][];
    aView = new MemorySegment[layers];
    preActivation = new float[layers][];
    slope = new float[layers][];
    bend = new float[layers][];
    delta = new float[layers][];
    deltaView = new MemorySegment[layers];
    activations = new ActivationKernels[layers];
    normalized = new NormalizedLayer[layers];
    tangent = new StackedRows[layers];
    tangentInput = new StackedRows[layers];
    tangentDelta = new StackedRows[layers];
    boolean keepsInputs = ActivationKernels.needsInputs(spec.activation());
    for (int l = 0; l < layers; l++) {
      stride[l] = data.stride(l);
      int size = l == 0 ? 0 : rowCapacity * stride[l];
      a[l] = new float[size];
      aView[l] = MemorySegment.ofArray(a[l]);
      preActivation[l] = new float[keepsInputs ? size : 0];
      slope[l] = new float[size];
      bend[l] = new float[bends ? size : 0];
      delta[l] = new float[size];
      deltaView[l] = MemorySegment.ofArray(delta[l]);
      activations[l] = new ActivationKernels(spec.activation(), size);
      tangent[l] = StackedRows.NONE;
      tangentInput[l] = StackedRows.NONE;
      tangentDelta[l] = StackedRows.NONE;
      if (spec.normalized(l)) {
        normalized[l] =
            new NormalizedLayer(
                spec.fanOut(l),
                data.stride(l + 1),
                layout.gamma(l),
                rowCapacity,
                data.frozen(),
                data.statistics(),
                layout.statistics(l));
      }
    }
    outputs = new float[spec.outputs() * rowCapacity];
    outputsView = MemorySegment.ofArray(outputs);
    outputDelta = new float[spec.outputs() * rowCapacity];
    outputDeltaView = MemorySegment.ofArray(outputDelta);
    gradientViews = new ParameterVectors(spec, layout, 1);
    gradient = gradientViews.values;
    products = gradientViews;
  }

  /** Bytes that a worker holds with room for {@code capacity} vectors. */
  static long bytes(ObjectiveData data, long capacity) {
    MlpSpec spec = data.spec();
    boolean bends = ActivationKernels.bends(spec.activation());
    boolean keepsInputs = ActivationKernels.needsInputs(spec.activation());
    long rows = data.rows();
    long floats = (2 + capacity) * rows * spec.outputs() + (1 + capacity) * data.layout().size();
    long bytes = 0;
    for (int l = 1; l < spec.layers(); l++) {
      int buffers = 3 + (bends ? 1 + 3 : 0) + (keepsInputs ? 1 : 0);
      int tangents = 2 + (bends ? 1 : 0);
      floats += (buffers + capacity * tangents) * rows * data.stride(l);
      if (spec.normalized(l - 1)) {
        bytes += NormalizedLayer.bytes(spec.fanOut(l - 1), data.stride(l), rows, capacity);
      }
    }
    return bytes + floats * Float.BYTES;
  }

  /** Makes room for {@code count} vectors at once. */
  void reserve(int count) {
    if (count <= capacity) {
      return;
    }
    capacity = count;
    products = new ParameterVectors(spec, layout, capacity);
    for (int l = 1; l < spec.layers(); l++) {
      tangent[l] = new StackedRows(capacity, rowCapacity, stride[l]);
      tangentInput[l] = bends ? new StackedRows(capacity, rowCapacity, stride[l]) : StackedRows.NONE;
      tangentDelta[l] = new StackedRows(capacity, rowCapacity, stride[l]);
      if (spec.normalized(l - 1)) {
        normalized[l - 1].reserve(capacity, rowCapacity);
      }
    }
    tangentOutputs = new float[Math.multiplyExact(spec.outputs() * capacity, rowCapacity)];
    tangentOutputsView = MemorySegment.ofArray(tangentOutputs);
    tangentOutputsBlocks = new MemorySegment[capacity];
    for (int j = 0; j < capacity; j++) {
      tangentOutputsBlocks[j] =
          tangentOutputsView.asSlice((long) j * rowCapacity * Float.BYTES);
    }
  }

  /** Gradient of the last chunk asked for, {@code [P]}. */
  float[] gradient() {
    return gradient;
  }

  /** Products of the last chunk asked for, {@code [count, P]}. */
  float[] products() {
    return products.values;
  }

  /** Sum of the losses of a chunk's examples. */
  double loss(int chunk) {
    forward(chunk);
    return loss.value(outputs, data.labels(), first, rows);
  }

  /** Outputs of a chunk's examples, into theirs of {@code logits} {@code [n, classes]}. */
  void outputs(int chunk, float[] logits) {
    forward(chunk);
    int classes = spec.outputs();
    for (int i = 0; i < rows; i++) {
      for (int k = 0; k < classes; k++) {
        logits[(first + i) * classes + k] = outputs[k * rows + i];
      }
    }
  }

  /**
   * A chunk's share of the mean loss's gradient, into {@link #gradient()}.
   *
   * @return sum of the losses of the chunk's examples
   */
  double gradient(int chunk) {
    double sum = differentiate(chunk);
    backward(true);
    return sum;
  }

  /** A chunk's share of H v, into {@link #products()}. */
  void hessianVectors(int chunk, ParameterVectors v, int count) {
    differentiate(chunk);
    backward(false);
    tangentForward(v, count);
    tangentBackward(v, count, true);
  }

  /** A chunk's share of G v, into {@link #products()}. */
  void gaussNewtonVectors(int chunk, ParameterVectors v, int count) {
    differentiate(chunk);
    tangentForward(v, count);
    tangentBackward(v, count, false);
  }

  /** Forward pass, slopes and the derivative by the outputs; returns the sum of the losses. */
  private double differentiate(int chunk) {
    forward(chunk);
    slopes();
    double sum = loss.value(outputs, data.labels(), first, rows);
    loss.derivative(outputs, outputDelta, data.labels(), first, rows);
    return sum;
  }

  /** Logits of a chunk end in {@link #outputs}, class by class. */
  private void forward(int chunk) {
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
      activations[next].forward(a[next], preActivation[next], rows * stride[next]);
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

  /** φ' of every hidden layer, after {@link #forward}. */
  private void slopes() {
    for (int l = 1; l <= last; l++) {
      int n = rows * stride[l];
      Arrays.fill(slope[l], 0, n, 1f);
      activations[l].backward(slope[l], a[l], preActivation[l], n);
    }
  }

  /**
   * From {@link #outputDelta} down to the first layer.
   *
   * @param ofMatrices whether to make the gradient of the matrices, and not what a second pass needs
   */
  private void backward(boolean ofMatrices) {
    int classes = spec.outputs();
    if (ofMatrices) {
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
          gradientViews.matrix(0, last),
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
      if (bends && !ofMatrices) {
        activations[next].secondDerivative(
            bend[next], delta[next], a[next], preActivation[next], n);
      }
      TangentKernels.multiply(delta[next], 0, slope[next], n);
      if (spec.normalized(l)) {
        normalized[l].backward(delta[next], theta.values, gradient, rows);
      }
      if (ofMatrices) {
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
            gradientViews.matrix(0, l),
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

  /** Rows of the first {@code count} blocks of a stack, those between the blocks' rows included. */
  private int stacked(int count) {
    return (count - 1) * rowCapacity + rows;
  }

  /** R{f} = J v ends in {@link #tangentOutputs}. */
  private void tangentForward(ParameterVectors v, int count) {
    for (int l = 0; l < last; l++) {
      int out = spec.fanOut(l);
      int next = l + 1;
      if (l > 0) {
        OpenBlas.sgemm(
            false,
            false,
            stacked(count),
            out,
            spec.fanIn(l),
            1f,
            tangent[l].whole,
            stride[l],
            theta.matrix(0, l),
            out,
            0f,
            tangent[next].whole,
            stride[next]);
      }
      for (int j = 0; j < count; j++) {
        OpenBlas.sgemm(
            false,
            false,
            rows,
            out,
            stride[l],
            1f,
            aView[l],
            stride[l],
            v.matrix(j, l),
            out,
            l > 0 ? 1f : 0f,
            tangent[next].block(j),
            stride[next]);
        if (spec.normalized(l)) {
          normalized[l].tangentForward(
              tangent[next], j, theta.values, v.values, j * layout.size(), rows);
        }
        tangentActivation(next, j);
      }
    }
    int classes = spec.outputs();
    int columns = capacity * rowCapacity;
    if (last > 0) {
      OpenBlas.sgemm(
          true,
          true,
          classes,
          stacked(count),
          spec.fanIn(last),
          1f,
          theta.matrix(0, last),
          classes,
          tangent[last].whole,
          stride[last],
          0f,
          tangentOutputsView,
          columns);
    }
    for (int j = 0; j < count; j++) {
      OpenBlas.sgemm(
          true,
          true,
          classes,
          rows,
          stride[last],
          1f,
          v.matrix(j, last),
          classes,
          aView[last],
          stride[last],
          last > 0 ? 1f : 0f,
          tangentOutputsBlocks[j],
          columns);
    }
  }

  /** R{a} = φ' R{u} of one vector. */
  private void tangentActivation(int l, int j) {
    int n = rows * stride[l];
    int at = tangent[l].offset(j);
    if (bends) {
      System.arraycopy(tangent[l].values, at, tangentInput[l].values, at, n);
    }
    if (spec.activation() != Activation.IDENTITY) {
      TangentKernels.multiply(tangent[l].values, at, slope[l], n);
    }
  }

  /**
   * From R{f} down to the first layer; products end in {@link #products}.
   *
   * @param hessian whether with the terms in the loss's derivatives
   */
  private void tangentBackward(ParameterVectors v, int count, boolean hessian) {
    int classes = spec.outputs();
    int columns = capacity * rowCapacity;
    for (int j = 0; j < count; j++) {
      loss.hessianProduct(
          outputs, tangentOutputs, j * rowCapacity, columns, data.labels(), first, rows);
      OpenBlas.sgemm(
          true,
          true,
          stride[last],
          classes,
          rows,
          1f,
          aView[last],
          stride[last],
          tangentOutputsBlocks[j],
          columns,
          0f,
          products.matrix(j, last),
          classes);
      if (hessian && last > 0) {
        OpenBlas.sgemm(
            true,
            true,
            spec.fanIn(last),
            classes,
            rows,
            1f,
            tangent[last].block(j),
            stride[last],
            outputDeltaView,
            rows,
            1f,
            products.matrix(j, last),
            classes);
      }
    }
    if (last > 0) {
      OpenBlas.sgemm(
          true,
          true,
          stacked(count),
          spec.fanIn(last),
          classes,
          1f,
          tangentOutputsView,
          columns,
          theta.matrix(0, last),
          classes,
          0f,
          tangentDelta[last].whole,
          stride[last]);
    }
    for (int j = 0; hessian && last > 0 && j < count; j++) {
      OpenBlas.sgemm(
          true,
          true,
          rows,
          spec.fanIn(last),
          classes,
          1f,
          outputDeltaView,
          rows,
          v.matrix(j, last),
          classes,
          1f,
          tangentDelta[last].block(j),
          stride[last]);
    }
    for (int l = last - 1; l >= 0; l--) {
      for (int j = 0; j < count; j++) {
        tangentLayerBackward(v, j, l, hessian);
      }
      if (l > 0) {
        beforeLayer(v, count, l, hessian);
      }
    }
  }

  /** R{da_l} of one vector to R{dz_l}, and from it the product of layer {@code l}'s matrix. */
  private void tangentLayerBackward(ParameterVectors v, int j, int l, boolean hessian) {
    int out = spec.fanOut(l);
    int next = l + 1;
    int n = rows * stride[next];
    StackedRows tangents = tangentDelta[next];
    int at = tangents.offset(j);
    if (hessian && bends) {
      TangentKernels.multiplyAndAdd(
          tangents.values, tangentInput[next].values, at, slope[next], bend[next], n);
    } else {
      TangentKernels.multiply(tangents.values, at, slope[next], n);
    }
    if (spec.normalized(l)) {
      int from = j * layout.size();
      if (hessian) {
        normalized[l].tangentBackward(
            tangents, j, theta.values, v.values, from, products.values, rows);
      } else {
        normalized[l].backward(tangents, j, theta.values, products.values, from, rows);
      }
    }
    OpenBlas.sgemm(
        true,
        false,
        stride[l],
        out,
        rows,
        1f,
        aView[l],
        stride[l],
        tangents.block(j),
        stride[next],
        0f,
        products.matrix(j, l),
        out);
    if (hessian && l > 0) {
      OpenBlas.sgemm(
          true,
          false,
          spec.fanIn(l),
          out,
          rows,
          1f,
          tangent[l].block(j),
          stride[l],
          deltaView[next],
          stride[next],
          1f,
          products.matrix(j, l),
          out);
    }
  }

  /** R{dz_l} of all vectors to R{da_{l-1}}. */
  private void beforeLayer(ParameterVectors v, int count, int l, boolean hessian) {
    int out = spec.fanOut(l);
    int next = l + 1;
    OpenBlas.sgemm(
        false,
        true,
        stacked(count),
        spec.fanIn(l),
        out,
        1f,
        tangentDelta[next].whole,
        stride[next],
        theta.matrix(0, l),
        out,
        0f,
        tangentDelta[l].whole,
        stride[l]);
    for (int j = 0; hessian && j < count; j++) {
      OpenBlas.sgemm(
          false,
          true,
          rows,
          spec.fanIn(l),
          out,
          1f,
          deltaView[next],
          stride[next],
          v.matrix(j, l),
          out,
          1f,
          tangentDelta[l].block(j),
          stride[l]);
    }
  }
}
