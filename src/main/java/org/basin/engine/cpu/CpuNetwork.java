package org.basin.engine.cpu;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.basin.RandomStreams;
import org.basin.data.Examples;
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
 * One replica: its parameters, its layers, and the order of a step. Nothing is allocated from step
 * to step; when the length of the batch changes, a few views are.
 */
final class CpuNetwork implements TrainableNetwork {
  /** Rows evaluated at once. */
  private static final int EVALUATION_ROWS = 256;

  private final Examples train;
  private final GradientClipping clipping;
  private final Optimizer optimizer;
  private final LossKernels loss;

  private final ParameterVectors theta;
  private final ParameterVectors gradient;
  private final float[] runningMean;
  private final float[] runningVariance;

  private final int stride; // of the rows of inputs: features, and a one where there are biases
  private final float[] inputs; // [rows, stride]
  private final int[] labels; // [rows]
  private final Layer[] layers;
  private final UnitRows outputs; // of the last layer, [classes, rows]
  private int rows; // of the batch that the layers are laid out for

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
    // Activations, derivatives; what GELU keeps beside; what normalisation does; ones.
    long perUnit = ActivationKernels.needsInputs(spec.activation()) ? 3 : 2;
    perUnit += spec.batchNorm() ? 1 : 0;
    for (int width : spec.hidden()) {
      units += perUnit * width + 2;
    }
    // The exponentials of tanh and GELU, in three arrays for all layers.
    units += ActivationKernels.bends(spec.activation()) ? 3L * spec.width() : 0;
    return Float.BYTES * (vectors * spec.parameterCount() + rows * units);
  }

  /**
   * The replica before its first step.
   *
   * @param crew helps with large products
   */
  CpuNetwork(TrainingTask task, Crew crew) {
    MlpSpec spec = task.spec();
    ParameterLayout layout = new ParameterLayout(spec);
    train = task.data().train();
    clipping = new GradientClipping(task.options().clipping());
    optimizer = new Optimizer(spec, task.options().optimizer());
    int capacity = (int) rows(task.options(), train.count());
    loss =
        new LossKernels(
            task.options().loss(), spec.outputs(), task.options().labelSmoothing(), capacity);

    NetworkState initial =
        Initialization.draw(spec, RandomStreams.of(task.seed()).initialization());
    theta = new ParameterVectors(spec, layout, initial.parameters());
    gradient = new ParameterVectors(spec, layout, 1);
    runningMean = initial.runningMean();
    runningVariance = initial.runningVariance();

    stride = spec.inputs() + (spec.bias() ? 1 : 0);
    inputs = new float[capacity * stride];
    Arrays.fill(inputs, 1f); // The last column stays so.
    labels = new int[capacity];
    MemorySegment inputsView = MemorySegment.ofArray(inputs);
    ActivationKernels activation =
        new ActivationKernels(spec.activation(), widest(spec) * capacity);
    layers = new Layer[spec.layers()];
    Layer below = null;
    for (int l = 0; l < layers.length; l++) {
      below = new Layer(spec, l, theta, gradient, activation, inputsView, below, capacity, crew);
      layers[l] = below;
    }
    outputs = layers[layers.length - 1].outputs;
  }

  private static int widest(MlpSpec spec) {
    int widest = 0;
    for (int width : spec.hidden()) {
      widest = Math.max(widest, width);
    }
    return widest;
  }

  @Override
  public double step(int[] order, int from, int batch, double[] learningRates) {
    double norm = Double.NaN;
    for (int s = 0; s < learningRates.length; s++) {
      if (Thread.currentThread().isInterrupted()) {
        return norm;
      }
      int first = from + s * batch;
      layOut(Math.min(batch, order.length - first));
      gather(order, first);
      forward(true);
      loss.derivative(outputs.values, labels, rows);
      for (int l = layers.length - 1; l >= 0; l--) {
        layers[l].backward();
      }
      boolean lastStep = s == learningRates.length - 1;
      if (lastStep || clipping.active()) {
        norm = Math.sqrt(OpenBlas.dot(gradient.values.length, gradient.whole, gradient.whole));
        clipping.clip(gradient.values, norm);
      }
      optimizer.step(theta.values, gradient.values, learningRates[s]);
    }
    return norm;
  }

  /** Prepares for batches of {@code rows} examples. */
  private void layOut(int rows) {
    if (rows == this.rows) {
      return;
    }
    this.rows = rows;
    for (Layer layer : layers) {
      layer.layOut(rows);
    }
  }

  private void gather(int[] order, int first) {
    int features = train.features();
    for (int i = 0; i < rows; i++) {
      int example = order[first + i];
      System.arraycopy(train.inputs(), example * features, inputs, i * stride, features);
      labels[i] = train.labels()[example];
    }
  }

  /** Runs the network on {@link #inputs}; logits end in {@link #outputs}. */
  private void forward(boolean training) {
    for (Layer layer : layers) {
      layer.forward(runningMean, runningVariance, training);
    }
  }

  @Override
  public void logits(Examples examples, float[] logits) {
    int classes = examples.classes();
    int features = examples.features();
    for (int first = 0; first < examples.count(); first += EVALUATION_ROWS) {
      layOut(Math.min(EVALUATION_ROWS, examples.count() - first));
      for (int i = 0; i < rows; i++) {
        System.arraycopy(examples.inputs(), (first + i) * features, inputs, i * stride, features);
      }
      forward(false);
      for (int k = 0; k < classes; k++) {
        for (int i = 0; i < rows; i++) {
          logits[(first + i) * classes + k] = outputs.values[k * rows + i];
        }
      }
    }
  }

  @Override
  public NetworkState state() {
    return new NetworkState(theta.values, runningMean, runningVariance).copy();
  }

  @Override
  public float @Nullable [] secondMoment() {
    return optimizer.secondMoment();
  }

  @Override
  public void restore(NetworkState state) {
    System.arraycopy(state.parameters(), 0, theta.values, 0, theta.values.length);
    System.arraycopy(state.runningMean(), 0, runningMean, 0, runningMean.length);
    System.arraycopy(state.runningVariance(), 0, runningVariance, 0, runningVariance.length);
  }

  @Override
  public void close() {
    // Heap arrays alone.
  }
}
