package org.basin.engine.cpu;

import java.lang.foreign.MemorySegment;
import org.basin.model.Activation;
import org.basin.model.MlpSpec;
import org.basin.model.ParameterLayout;

/**
 * Curvature-vector products of one chunk of an objective's examples: buffers of one worker, and the
 * order of the kernels. Tangents R{.} (Pearlmutter 1994) stand vector after vector, {@code [count,
 * rows, stride]}, their last column 0: products with the shared W_l are one product for all
 * vectors.
 *
 * <pre>
 * forward      R{z_l} = R{a_{l-1}} W_l + [a_{l-1}, 1] [V_l; v_l]
 *              R{a_l} = φ' R{u_l}
 * outputs      R{df} = H_ℓ R{f}                  [classes, count, rows]
 * backward     R{du_l} = R{da_l} φ' + da_l φ'' R{u_l}
 *              R{d[W_l; b_l]} = [a_{l-1}, 1]ᵀ R{dz_l} + [R{a_{l-1}}, 0]ᵀ dz_l
 *              R{da_{l-1}} = R{dz_l} W_lᵀ + dz_l V_lᵀ
 * </pre>
 *
 * A Gauss–Newton product leaves out every term with d., the derivatives of the loss (Schraudolph
 * 2002).
 */
final class TangentPass {
  private final ObjectiveData data;
  private final MlpSpec spec;
  private final ParameterLayout layout;
  private final int last;
  private final int rowCapacity;
  private final boolean bends;
  private final ParameterVectors theta;

  private int capacity;
  private ParameterVectors products; // [capacity, P]
  private final StackedRows[] tangent; // R{a[l]}
  private final StackedRows[] tangentInput; // R{u} of layer l - 1, where φ bends
  private final StackedRows[] tangentDelta; // R{da[l]}, then R{dz} of layer l - 1
  private final StackedRows[] tangentNormalized; // R{x̂} of layer l - 1, where normalised
  private final float[][] tangentProduct; // mean(x̂ R{z}) of layer l - 1, [capacity, width]
  private float[] tangentOutputs = new float[0]; // [classes, capacity, rows]
  private MemorySegment tangentOutputsView = MemorySegment.NULL;
  private MemorySegment[] tangentOutputsBlocks = new MemorySegment[0];

  // The chunk at hand.
  private LinearizedChunk at;
  private int rows;

  /** A worker's buffers, empty until {@link #reserve}. */
  TangentPass(ObjectiveData data, ParameterVectors theta, LinearizedChunk any) {
    this.data = data;
    this.theta = theta;
    at = any;
    spec = data.spec();
    layout = data.layout();
    last = spec.layers() - 1;
    rowCapacity = data.rows();
    bends = ActivationKernels.bends(spec.activation());
    products = new ParameterVectors(spec, layout, 0);
    tangent = new StackedRows[spec.layers()];
    tangentInput = new StackedRows[spec.layers()];
    tangentDelta = new StackedRows[spec.layers()];
    tangentNormalized = new StackedRows[spec.layers()];
    tangentProduct = new float[spec.layers()][];
  }

  /** Bytes that a worker's buffers hold with room for {@code capacity} vectors. */
  static long bytes(ObjectiveData data, long capacity) {
    MlpSpec spec = data.spec();
    int stacks =
        2 + (ActivationKernels.bends(spec.activation()) ? 1 : 0) + (spec.batchNorm() ? 1 : 0);
    long floats = (long) data.rows() * spec.outputs() + data.layout().size();
    for (int l = 1; l < spec.layers(); l++) {
      floats += (long) stacks * data.rows() * data.stride(l) + data.stride(l);
    }
    return capacity * floats * Float.BYTES;
  }

  /** Makes room for {@code count} vectors at once. */
  void reserve(int count) {
    capacity = count;
    products = new ParameterVectors(spec, layout, capacity);
    for (int l = 1; l < spec.layers(); l++) {
      tangent[l] = stack(true, l);
      tangentInput[l] = stack(bends, l);
      tangentDelta[l] = stack(true, l);
      tangentNormalized[l] = stack(spec.normalized(l - 1), l);
      tangentProduct[l] = new float[spec.normalized(l - 1) ? capacity * spec.fanOut(l - 1) : 0];
    }
    tangentOutputs = new float[Math.multiplyExact(spec.outputs() * capacity, rowCapacity)];
    tangentOutputsView = MemorySegment.ofArray(tangentOutputs);
    tangentOutputsBlocks = new MemorySegment[capacity];
    for (int j = 0; j < capacity; j++) {
      tangentOutputsBlocks[j] = tangentOutputsView.asSlice((long) j * rowCapacity * Float.BYTES);
    }
  }

  private StackedRows stack(boolean needed, int l) {
    return needed ? new StackedRows(capacity, rowCapacity, data.stride(l)) : StackedRows.NONE;
  }

  /** Products of the last chunk asked for, {@code [count, P]}. */
  float[] products() {
    return products.values;
  }

  /** A chunk's share of H v; the chunk has had its backward pass. */
  void hessianVectors(LinearizedChunk chunk, ObjectiveLoss loss, ParameterVectors v, int count) {
    at = chunk;
    rows = chunk.rows;
    tangentForward(v, count);
    tangentBackward(loss, v, count, true);
  }

  /** A chunk's share of G v. */
  void gaussNewtonVectors(
      LinearizedChunk chunk, ObjectiveLoss loss, ParameterVectors v, int count) {
    at = chunk;
    rows = chunk.rows;
    tangentForward(v, count);
    tangentBackward(loss, v, count, false);
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
            at.stride[l],
            theta.matrix(0, l),
            out,
            0f,
            tangent[next].whole,
            at.stride[next]);
      }
      for (int j = 0; j < count; j++) {
        OpenBlas.sgemm(
            false,
            false,
            rows,
            out,
            at.stride[l],
            1f,
            at.aView[l],
            at.stride[l],
            v.matrix(j, l),
            out,
            l > 0 ? 1f : 0f,
            tangent[next].block(j),
            at.stride[next]);
        if (spec.normalized(l)) {
          at.normalized[l].tangentForward(
              tangent[next],
              tangentNormalized[next],
              tangentProduct[next],
              j,
              theta.values,
              v.values,
              j * layout.size(),
              rows);
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
          at.stride[last],
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
          at.stride[last],
          1f,
          v.matrix(j, last),
          classes,
          at.aView[last],
          at.stride[last],
          last > 0 ? 1f : 0f,
          tangentOutputsBlocks[j],
          columns);
    }
  }

  /** R{a} = φ' R{u} of one vector. */
  private void tangentActivation(int l, int j) {
    int n = rows * at.stride[l];
    int from = tangent[l].offset(j);
    if (bends) {
      System.arraycopy(tangent[l].values, from, tangentInput[l].values, from, n);
    }
    if (spec.activation() != Activation.IDENTITY) {
      TangentKernels.multiply(tangent[l].values, from, at.slope[l], n);
    }
  }

  /**
   * From R{f} down to the first layer; products end in {@link #products}.
   *
   * @param hessian whether with the terms in the loss's derivatives
   */
  private void tangentBackward(ObjectiveLoss loss, ParameterVectors v, int count, boolean hessian) {
    int classes = spec.outputs();
    int columns = capacity * rowCapacity;
    for (int j = 0; j < count; j++) {
      loss.hessianProduct(
          at.outputs, tangentOutputs, j * rowCapacity, columns, data.labels(), at.first, rows);
      OpenBlas.sgemm(
          true,
          true,
          at.stride[last],
          classes,
          rows,
          1f,
          at.aView[last],
          at.stride[last],
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
            at.stride[last],
            at.outputDeltaView,
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
          at.stride[last]);
    }
    for (int j = 0; hessian && last > 0 && j < count; j++) {
      OpenBlas.sgemm(
          true,
          true,
          rows,
          spec.fanIn(last),
          classes,
          1f,
          at.outputDeltaView,
          rows,
          v.matrix(j, last),
          classes,
          1f,
          tangentDelta[last].block(j),
          at.stride[last]);
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
    int n = rows * at.stride[next];
    StackedRows tangents = tangentDelta[next];
    int offset = tangents.offset(j);
    if (hessian && bends) {
      TangentKernels.multiplyAndAdd(
          tangents.values, tangentInput[next].values, offset, at.slope[next], at.bend[next], n);
    } else {
      TangentKernels.multiply(tangents.values, offset, at.slope[next], n);
    }
    if (spec.normalized(l)) {
      int from = j * layout.size();
      if (hessian) {
        at.normalized[l].tangentBackward(
            tangents,
            tangentNormalized[next],
            tangentProduct[next],
            j,
            theta.values,
            v.values,
            from,
            products.values,
            rows);
      } else {
        at.normalized[l].backward(tangents, j, theta.values, products.values, from, rows);
      }
    }
    OpenBlas.sgemm(
        true,
        false,
        at.stride[l],
        out,
        rows,
        1f,
        at.aView[l],
        at.stride[l],
        tangents.block(j),
        at.stride[next],
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
          at.stride[l],
          at.deltaView[next],
          at.stride[next],
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
        at.stride[next],
        theta.matrix(0, l),
        out,
        0f,
        tangentDelta[l].whole,
        at.stride[l]);
    for (int j = 0; hessian && j < count; j++) {
      OpenBlas.sgemm(
          false,
          true,
          rows,
          spec.fanIn(l),
          out,
          1f,
          at.deltaView[next],
          at.stride[next],
          v.matrix(j, l),
          out,
          1f,
          tangentDelta[l].block(j),
          at.stride[l]);
    }
  }
}
