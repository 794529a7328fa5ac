package org.basin.engine.cpu;

import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.ParameterLayout;
import org.basin.model.Parameterization;
import org.basin.train.LossFunction;
import org.basin.train.OptimizerKind;
import org.basin.train.OptimizerOptions;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The kernels of a step, one by one, at the shapes of a 40-w-w-10 network in batches of 128. A loop
 * that the JIT does not vectorise shows here: it takes six times as long.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "--enable-native-access=ALL-UNNAMED",
      "--sun-misc-unsafe-memory-access=allow",
      "-XX:+UseParallelGC"
    })
@State(Scope.Thread)
public class KernelBenchmark {
  private static final int BATCH = 128;
  private static final int CLASSES = 10;

  @Param({"8", "64", "256"})
  int width;

  private float[] drawn;
  private float[] activations;
  private float[] delta;
  private final float[] none = new float[0];
  private ActivationKernels relu;
  private ActivationKernels tanh;
  private Exponential exponential;

  private LossKernels loss;
  private float[] outputs;
  private float[] drawnOutputs;
  private int[] labels;

  private float[] theta;
  private float[] gradient;
  private Optimizer nesterov;
  private Optimizer adam;

  private MemorySegment a;
  private MemorySegment weight;
  private MemorySegment product;
  private Product weightGradient;

  private UnitRows units;
  private UnitRows scratch;
  private float[] runningMean;
  private float[] runningVariance;
  private BatchNormalization normalization;

  /** Draws inputs of the size that a network's have. */
  @Setup
  public void draw() {
    SplittableRandom random = new SplittableRandom(1);
    int size = BATCH * width;
    drawn = gaussian(random, size, 1);
    activations = drawn.clone();
    delta = gaussian(random, size, 1e-2);
    relu = new ActivationKernels(Activation.RELU, size);
    tanh = new ActivationKernels(Activation.TANH, size);
    exponential = new Exponential(size);

    loss = new LossKernels(LossFunction.CROSS_ENTROPY, CLASSES, 0, BATCH);
    drawnOutputs = gaussian(random, CLASSES * BATCH, 1);
    outputs = drawnOutputs.clone();
    labels = random.ints(BATCH, 0, CLASSES).toArray();

    MlpSpec spec =
        new MlpSpec(
            40,
            Collections.nCopies(2, width),
            CLASSES,
            Activation.RELU,
            true,
            false,
            Initialization.HE,
            Parameterization.STANDARD,
            width);
    int parameters = new ParameterLayout(spec).size();
    theta = gaussian(random, parameters, 0.1);
    gradient = gaussian(random, parameters, 1e-3);
    nesterov = new Optimizer(spec, optimizer(OptimizerKind.NESTEROV));
    adam = new Optimizer(spec, optimizer(OptimizerKind.ADAM));

    a = MemorySegment.ofArray(activations);
    weight = MemorySegment.ofArray(gaussian(random, width * width, 0.1));
    product = MemorySegment.ofArray(new float[size]);
    Product.Cut cut = Product.Cut.outerProduct(width, width);
    weightGradient = new Product(new Crew(1), cut, false, a, true, product, weight);
    weightGradient.shape(width, width, BATCH, BATCH, BATCH, width);

    units = new UnitRows(width, false, BATCH);
    scratch = new UnitRows(width, false, BATCH);
    runningMean = new float[width];
    runningVariance = new float[width];
    MlpSpec normalized =
        new MlpSpec(
            40,
            Collections.nCopies(1, width),
            CLASSES,
            Activation.RELU,
            true,
            true,
            Initialization.HE,
            Parameterization.STANDARD,
            width);
    normalization =
        new BatchNormalization(
            new ParameterLayout(normalized), 0, width, MemorySegment.ofArray(gradient), BATCH);
  }

  private static OptimizerOptions optimizer(OptimizerKind kind) {
    return new OptimizerOptions(kind, 1e-6, 0.9, 0.9, 0.999, 1e-8, null, 0.0);
  }

  private static float[] gaussian(SplittableRandom random, int size, double deviation) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return values;
  }

  /** What the copy that comes before exp, tanh and softmax costs alone. */
  @Benchmark
  public float[] copy() {
    System.arraycopy(drawn, 0, activations, 0, drawn.length);
    return activations;
  }

  /** exp of {@code [batch, width]}, copy included. */
  @Benchmark
  public float[] exp() {
    System.arraycopy(drawn, 0, activations, 0, drawn.length);
    exponential.apply(activations, activations.length);
    return activations;
  }

  /** tanh of {@code [batch, width]}, copy included. */
  @Benchmark
  public float[] tanhForward() {
    System.arraycopy(drawn, 0, activations, 0, drawn.length);
    tanh.forward(activations, none, activations.length);
    return activations;
  }

  /** max(0, x) of {@code [batch, width]}. */
  @Benchmark
  public float[] reluForward() {
    relu.forward(activations, none, activations.length);
    return activations;
  }

  /** Its derivative, {@code [batch, width]}. */
  @Benchmark
  public float[] reluBackward() {
    relu.backward(delta, activations, none, activations.length);
    return delta;
  }

  /** Softmax and cross-entropy's derivative, {@code [classes, batch]}, copy included. */
  @Benchmark
  public float[] softmaxDerivative() {
    System.arraycopy(drawnOutputs, 0, outputs, 0, outputs.length);
    loss.derivative(outputs, labels, BATCH);
    return outputs;
  }

  /** A Nesterov step of all parameters. */
  @Benchmark
  public float[] nesterovStep() {
    nesterov.step(theta, gradient, 1e-6);
    return theta;
  }

  /** An Adam step of all parameters. */
  @Benchmark
  public float[] adamStep() {
    adam.step(theta, gradient, 1e-6);
    return theta;
  }

  /** Forward through a hidden layer: {@code [width, width]ᵀ [width, batch]}. */
  @Benchmark
  public MemorySegment sgemmForward() {
    OpenBlas.sgemm(
        true, false, width, BATCH, width, 1f, weight, width, a, BATCH, 0f, product, BATCH);
    return product;
  }

  /** Back through a hidden layer: {@code [width, width] [width, batch]}. */
  @Benchmark
  public MemorySegment sgemmBackward() {
    OpenBlas.sgemm(
        false, false, width, BATCH, width, 1f, weight, width, a, BATCH, 0f, product, BATCH);
    return product;
  }

  /** Its weights' gradient: {@code [width, batch] [width, batch]ᵀ}. */
  @Benchmark
  public MemorySegment sgemmGradient() {
    weightGradient.run();
    return weight;
  }

  /** Batch normalisation of {@code [width, batch]}, copy included. */
  @Benchmark
  public float[] normalize() {
    System.arraycopy(drawn, 0, units.values, 0, drawn.length);
    normalization.forward(units, theta, runningMean, runningVariance, BATCH);
    return units.values;
  }

  /** Back through it. */
  @Benchmark
  public float[] normalizeBackward() {
    normalization.backward(units, theta, gradient, scratch, BATCH);
    return units.values;
  }
}
