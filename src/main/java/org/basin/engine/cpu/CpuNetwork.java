package org.basin.engine.cpu;

import java.lang.foreign.MemorySegment;
import org.basin.RandomStreams;
import org.basin.data.Examples;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.ParameterLayout;
import org.basin.train.GradientClipping;
import org.basin.train.OptimizerKind;
import org.basin.train.TrainableNetwork;
import org.basin.train.TrainingOptions;
import org.basin.train.TrainingTask;
import org.jspecify.annotations.Nullable;

/**
 * One replica: its parameters, its buffers, and the order of the kernels in a step. Nothing is
 * allocated between the first step and the last.
 *
 * <p>A layer's weight {@code [fanIn, fanOut]} and bias {@code [fanOut]} stand one behind the other
 * in θ, so they are one matrix {@code [fanIn + 1, fanOut]}. Activations have a last column of ones
 * to meet it: then one product gives z with its bias, and one gives the gradients of both.
 *
 * <pre>
 * forward    z_l [batch, out] = [a_{l-1}, 1] [batch, in+1]  [W_l; b_l] [in+1, out]
 * outputs    fᵀ [classes, batch] = [W; b]ᵀ [a, 1]ᵀ          class by class, see LossKernels
 * gradient   d[W_l; b_l] [in+1, out] = [a_{l-1}, 1]ᵀ  δ_l
 * backward   δ_{l-1} [batch, in] = δ_l [batch, out]  W_lᵀ [out, in]
 * </pre>
 */
final class CpuNetwork implements TrainableNetwork {
  /** Rows evaluated at once. */
  private static final int EVALUATION_ROWS = 256;

  private final MlpSpec spec;
  private final ParameterLayout layout;
  private final Examples train;
  private final int last;
  private final int bias; // 1 with biases, 0 without
  private final GradientClipping clipping;
  private final Optimizer optimizer;
  private final ActivationKernels[] activations;
  private final LossKernels loss;

  private final float[] theta;
  private final float[] gradient;
  private final float[] runningMean;
  private final float[] runningVariance;
  private final MemorySegment wholeGradient;
  private final Product[] forward; // [a, 1] [W; b]
  private final Product[] weightGradient; // [a, 1]ᵀ δ
  private final Product[] backward; // δ Wᵀ
  private final MemorySegment lastWeight; // of the output layer, [in (+1), classes]
  private final MemorySegment lastGradient;

  private final int[] stride; // of the rows of a layer's activations: in + bias
  private final float[][] a; // a[l]: inputs of layer l, [rows, stride[l]]
  private final MemorySegment[] aView;
  private final float[][] preActivation; // inputs of the activation, where it needs them to go back
  private final float[][] delta; // delta[l]: derivative by a[l], [rows, stride[l]]
  private final MemorySegment[] deltaView;
  private final float[][] normalized; // [rows, stride[l + 1]] of layer l, where normalised
  private final float[][] inverseDeviation;
  private final float[] width1;
  private final float[] width2;
  private final float[] outputs; // [classes, rows]
  private final MemorySegment outputsView;
  private final int[] labels;

  private static long rows(TrainingOptions options, int trainingExamples) {
    return Math.max(options.batchSize().resolve(trainingExamples), EVALUATION_ROWS);
  }

  /** Elements of the longest array of a batch; an array holds no more than 2³¹. */
  static long longestArray(MlpSpec spec, TrainingOptions options, int trainingExamples) {
    long widest = Math.max(spec.inputs(), Math.max(spec.outputs(), spec.width())) + 1L;
    return rows(options, trainingExamples) * widest;
  }

  /**
   * Bytes that a replica needs: θ, gradient and the optimiser's state, early stopping's copy, and
   * the buffers of a batch.
   *
   * @param trainingExamples number of training examples
   */
  static long bytes(MlpSpec spec, TrainingOptions options, int trainingExamples) {
    long vectors = 2; // θ and its gradient
    vectors += options.optimizer().name() == OptimizerKind.SGD ? 0 : 1;
    vectors += options.optimizer().name().adaptive() ? 1 : 0;
    vectors += options.stopping().patience() == null ? 1 : 2; // copies that are handed out
    long rows = rows(options, trainingExamples);
    // Inputs; outputs, their exponentials in two arrays, largest, sum and label.
    long units = spec.inputs() + 1L + 3L * spec.outputs() + 3;
    // Activations, derivatives; what tanh and GELU keep beside; what normalisation does.
    long perUnit =
        switch (spec.activation()) {
          case RELU, IDENTITY -> 2;
          case TANH -> 5;
          case GELU -> 6;
        };
    perUnit += spec.batchNorm() ? 1 : 0;
    for (int width : spec.hidden()) {
      units += perUnit * (width + 1);
    }
    return Float.BYTES * (vectors * spec.parameterCount() + rows * units);
  }

  /**
   * The replica before its first step.
   *
   * @param crew helps with large products
   */
  CpuNetwork(TrainingTask task, Crew crew) {
    spec = task.spec();
    layout = new ParameterLayout(spec);
    train = task.data().train();
    last = spec.layers() - 1;
    bias = spec.bias() ? 1 : 0;
    clipping = new GradientClipping(task.options().clipping());
    optimizer = new Optimizer(spec, task.options().optimizer());
    int rows = (int) rows(task.options(), train.count());
    loss =
        new LossKernels(
            task.options().loss(), spec.outputs(), task.options().labelSmoothing(), rows);

    NetworkState initial =
        Initialization.draw(spec, RandomStreams.of(task.seed()).initialization());
    theta = initial.parameters();
    runningMean = initial.runningMean();
    runningVariance = initial.runningVariance();
    gradient = new float[layout.size()];
    wholeGradient = MemorySegment.ofArray(gradient);

    int layers = spec.layers();
    MemorySegment[] weights = new MemorySegment[layers];
    MemorySegment[] gradients = new MemorySegment[layers];
    forward = new Product[layers];
    weightGradient = new Product[layers];
    backward = new Product[layers];
    stride = new int[layers];
    a = new float[layers][];
    aView = new MemorySegment[layers];
    preActivation = new float[layers][];
    delta = new float[layers][];
    deltaView = new MemorySegment[layers];
    normalized = new float[layers][];
    inverseDeviation = new float[layers][];
    activations = new ActivationKernels[layers];
    boolean keepsInputs = ActivationKernels.needsInputs(spec.activation());
    int widest = 0;
    for (int l = 0; l < layers; l++) {
      weights[l] = view(theta, layout.weight(l), (spec.fanIn(l) + bias) * spec.fanOut(l));
      gradients[l] = view(gradient, layout.weight(l), (spec.fanIn(l) + bias) * spec.fanOut(l));
      stride[l] = spec.fanIn(l) + bias;
      a[l] = new float[rows * stride[l]];
      aView[l] = MemorySegment.ofArray(a[l]);
      fillOnes(a[l], stride[l], rows);
      boolean hiddenOutputs = l > 0;
      delta[l] = new float[hiddenOutputs ? rows * stride[l] : 0];
      deltaView[l] = MemorySegment.ofArray(delta[l]);
      preActivation[l] = new float[hiddenOutputs && keepsInputs ? rows * stride[l] : 0];
      activations[l] =
          new ActivationKernels(spec.activation(), hiddenOutputs ? rows * stride[l] : 0);
      normalized[l] = new float[spec.normalized(l) ? rows * (spec.fanOut(l) + bias) : 0];
      inverseDeviation[l] = new float[spec.normalized(l) ? spec.fanOut(l) : 0];
      widest = Math.max(widest, spec.fanOut(l));
    }
    for (int l = 0; l < last; l++) {
      int next = l + 1;
      int out = spec.fanOut(l);
      forward[l] =
          new Product(
              crew,
              false,
              false,
              out,
              aView[l],
              stride[l],
              weights[l],
              out,
              aView[next],
              stride[next]);
      weightGradient[l] =
          new Product(
              crew,
              true,
              false,
              out,
              aView[l],
              stride[l],
              deltaView[next],
              stride[next],
              gradients[l],
              out);
      if (l > 0) {
        backward[l] =
            new Product(
                crew,
                false,
                true,
                spec.fanIn(l),
                deltaView[next],
                stride[next],
                weights[l],
                out,
                deltaView[l],
                stride[l]);
      }
    }
    lastWeight = weights[last];
    lastGradient = gradients[last];
    width1 = new float[widest];
    width2 = new float[widest];
    outputs = new float[spec.outputs() * rows];
    outputsView = MemorySegment.ofArray(outputs);
    labels = new int[rows];
  }

  private static MemorySegment view(float[] array, int offset, int length) {
    return MemorySegment.ofArray(array)
        .asSlice((long) offset * Float.BYTES, (long) length * Float.BYTES);
  }

  /** Sets the last column, of ones, where there are biases. */
  private void fillOnes(float[] rowsOfStride, int rowStride, int rows) {
    if (bias == 1) {
      for (int i = 0; i < rows; i++) {
        rowsOfStride[(i + 1) * rowStride - 1] = 1f;
      }
    }
  }

  @Override
  public double step(int[] order, int from, int batch, double[] learningRates) {
    double norm = Double.NaN;
    for (int s = 0; s < learningRates.length; s++) {
      if (Thread.currentThread().isInterrupted()) {
        return norm;
      }
      int first = from + s * batch;
      int rows = Math.min(batch, order.length - first);
      gather(order, first, rows);
      forward(rows, true);
      loss.derivative(outputs, labels, rows);
      backward(rows);
      boolean lastStep = s == learningRates.length - 1;
      if (lastStep || clipping.active()) {
        norm = Math.sqrt(OpenBlas.dot(gradient.length, wholeGradient, wholeGradient));
        clipping.clip(gradient, norm);
      }
      optimizer.step(theta, gradient, learningRates[s]);
    }
    return norm;
  }

  private void gather(int[] order, int first, int rows) {
    int features = train.features();
    for (int i = 0; i < rows; i++) {
      int example = order[first + i];
      System.arraycopy(train.inputs(), example * features, a[0], i * stride[0], features);
      labels[i] = train.labels()[example];
    }
  }

  /** Runs the network on the first {@code rows} rows of a[0]; logits end in {@link #outputs}. */
  private void forward(int rows, boolean training) {
    for (int l = 0; l < last; l++) {
      int next = l + 1;
      forward[l].run(rows, stride[l]);
      if (spec.normalized(l)) {
        normalize(l, rows, training);
      }
      activations[next].forward(a[next], preActivation[next], rows * stride[next]);
      if (spec.activation() == Activation.TANH || spec.activation() == Activation.GELU) {
        fillOnes(a[next], stride[next], rows); // φ(1) is 1 for the others
      }
    }
    OpenBlas.sgemm(
        true,
        true,
        spec.outputs(),
        rows,
        stride[last],
        1f,
        lastWeight,
        spec.outputs(),
        aView[last],
        stride[last],
        0f,
        outputsView,
        rows);
  }

  private void normalize(int l, int rows, boolean training) {
    int out = spec.fanOut(l);
    if (training) {
      BatchNormKernels.forward(
          a[l + 1],
          normalized[l],
          inverseDeviation[l],
          width1,
          theta,
          layout.gamma(l),
          runningMean,
          runningVariance,
          layout.statistics(l),
          rows,
          out,
          stride[l + 1]);
    } else {
      BatchNormKernels.evaluate(
          a[l + 1],
          width1,
          width2,
          theta,
          layout.gamma(l),
          runningMean,
          runningVariance,
          layout.statistics(l),
          rows,
          out,
          stride[l + 1]);
    }
  }

  /** Gradient of the mean loss, from the derivative by the outputs in {@link #outputs}. */
  private void backward(int rows) {
    int classes = spec.outputs();
    OpenBlas.sgemm(
        true,
        true,
        stride[last],
        classes,
        rows,
        1f,
        aView[last],
        stride[last],
        outputsView,
        rows,
        0f,
        lastGradient,
        classes);
    if (last > 0) {
      OpenBlas.sgemm(
          true,
          true,
          rows,
          spec.fanIn(last),
          classes,
          1f,
          outputsView,
          rows,
          lastWeight,
          classes,
          0f,
          deltaView[last],
          stride[last]);
    }
    for (int l = last - 1; l >= 0; l--) {
      int out = spec.fanOut(l);
      int next = l + 1;
      activations[next].backward(delta[next], a[next], preActivation[next], rows * stride[next]);
      if (spec.normalized(l)) {
        BatchNormKernels.backward(
            delta[next],
            normalized[l],
            inverseDeviation[l],
            theta,
            gradient,
            layout.gamma(l),
            rows,
            out,
            stride[next]);
      }
      weightGradient[l].run(stride[l], rows);
      if (l > 0) {
        backward[l].run(rows, out);
      }
    }
  }

  @Override
  public void logits(Examples examples, float[] logits) {
    int classes = spec.outputs();
    int features = examples.features();
    for (int first = 0; first < examples.count(); first += EVALUATION_ROWS) {
      int rows = Math.min(EVALUATION_ROWS, examples.count() - first);
      for (int i = 0; i < rows; i++) {
        System.arraycopy(examples.inputs(), (first + i) * features, a[0], i * stride[0], features);
      }
      forward(rows, false);
      for (int k = 0; k < classes; k++) {
        for (int i = 0; i < rows; i++) {
          logits[(first + i) * classes + k] = outputs[k * rows + i];
        }
      }
    }
  }

  @Override
  public NetworkState state() {
    return new NetworkState(theta, runningMean, runningVariance).copy();
  }

  @Override
  public float @Nullable [] secondMoment() {
    return optimizer.secondMoment();
  }

  @Override
  public void restore(NetworkState state) {
    System.arraycopy(state.parameters(), 0, theta, 0, theta.length);
    System.arraycopy(state.runningMean(), 0, runningMean, 0, runningMean.length);
    System.arraycopy(state.runningVariance(), 0, runningVariance, 0, runningVariance.length);
  }

  @Override
  public void close() {
    // Heap arrays alone.
  }
}
