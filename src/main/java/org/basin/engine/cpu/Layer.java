package org.basin.engine.cpu;

import java.lang.foreign.MemorySegment;
import org.basin.model.Activation;
import org.basin.model.MlpSpec;
import org.basin.model.ParameterLayout;
import org.jspecify.annotations.Nullable;

/**
 * One layer of a replica: its products, and what passes through it of a batch, unit by unit.
 *
 * <p>A layer's weight {@code [fanIn, fanOut]} and bias {@code [fanOut]} stand one behind the other
 * in θ, so they are one matrix {@code [in, out]}, in = fanIn + 1. Activations have a last row of
 * ones to meet it: then one product gives z with its bias, and one gives the gradients of both.
 *
 * <pre>
 * forward    zᵀ [out, rows] = [W; b]ᵀ [out, in]  [a, 1]ᵀ [in, rows]
 * gradient   d[W; b] [in, out] = [a, 1]ᵀ [in, rows]  δ [rows, out]
 * backward   δᵀ of the layer below [fanIn, rows] = W [fanIn, out]  δᵀ [out, rows]
 * </pre>
 *
 * The network's inputs alone stand row by row, {@code [rows, in]}, as examples do.
 */
final class Layer {
  private final int fanIn;
  private final int in; // with the ones
  private final int out;
  private final @Nullable Layer below;
  private final ParameterVectors theta;
  private final ParameterVectors gradient;
  private final @Nullable BatchNormalization normalization;
  private final ActivationKernels activation;
  private final float[] preActivation; // inputs of the activation, where it needs them to go back

  /** z, then the layer's outputs. */
  final UnitRows outputs;

  /** Derivative by the outputs, then by z; the network's last layer has it in place of them. */
  final UnitRows delta;

  private final Product forward;
  private final Product weightGradient;
  private final @Nullable Product backward; // null where nothing below has parameters
  private int rows;

  /**
   * A layer's buffers.
   *
   * @param inputs what the network's first layer reads, {@code [rows, in]}
   * @param below the layer below; null for the first
   * @param capacity largest batch
   */
  Layer(
      MlpSpec spec,
      int l,
      ParameterVectors theta,
      ParameterVectors gradient,
      ActivationKernels hiddenActivation,
      MemorySegment inputs,
      @Nullable Layer below,
      int capacity,
      Crew crew) {
    this.theta = theta;
    this.gradient = gradient;
    this.below = below;
    boolean hidden = l < spec.layers() - 1;
    fanIn = spec.fanIn(l);
    in = fanIn + (spec.bias() ? 1 : 0);
    out = spec.fanOut(l);
    outputs = new UnitRows(out, hidden && spec.bias(), capacity);
    delta = hidden ? new UnitRows(out, false, capacity) : outputs;
    activation = hidden ? hiddenActivation : new ActivationKernels(Activation.IDENTITY, 0);
    boolean keepsInputs = hidden && ActivationKernels.needsInputs(spec.activation());
    preActivation = new float[keepsInputs ? out * capacity : 0];
    normalization =
        spec.normalized(l)
            ? new BatchNormalization(new ParameterLayout(spec), l, out, gradient.whole, capacity)
            : null;
    boolean first = below == null;
    MemorySegment a = first ? inputs : below.outputs.view;
    MemorySegment weight = theta.matrix(0, l);
    forward = new Product(crew, Product.Cut.rows(out), true, weight, first, a, outputs.view);
    weightGradient =
        new Product(
            crew,
            first ? Product.Cut.columns(out) : Product.Cut.outerProduct(in, out),
            first,
            a,
            true,
            delta.view,
            gradient.matrix(0, l));
    backward =
        first
            ? null
            : new Product(
                crew, Product.Cut.rows(fanIn), false, weight, false, delta.view, below.delta.view);
  }

  /** Prepares for batches of {@code rows} examples. */
  void layOut(int rows) {
    this.rows = rows;
    outputs.layOut(rows);
    int inputDistance = below == null ? in : rows;
    forward.shape(out, rows, in, out, inputDistance, rows);
    weightGradient.shape(in, out, rows, inputDistance, rows, out);
    if (backward != null) {
      backward.shape(fanIn, rows, out, out, rows, rows);
    }
  }

  /**
   * From the outputs below, or the network's inputs, to the outputs.
   *
   * @param training whether to normalise by the batch, and move the running statistics
   */
  void forward(float[] runningMean, float[] runningVariance, boolean training) {
    forward.run();
    if (normalization != null) {
      if (training) {
        normalization.forward(outputs, theta.values, runningMean, runningVariance, rows);
      } else {
        normalization.evaluate(outputs.values, theta.values, runningMean, runningVariance, rows);
      }
    }
    activation.forward(outputs.values, preActivation, out * rows);
  }

  /** From the derivative by the outputs to the gradient, and the derivative by those below. */
  void backward() {
    activation.backward(delta.values, outputs.values, preActivation, out * rows);
    if (normalization != null) {
      // The outputs have done their duty: the layer above has its gradient.
      normalization.backward(delta, theta.values, gradient.values, outputs, rows);
    }
    weightGradient.run();
    if (backward != null) {
      backward.run();
    }
  }
}
