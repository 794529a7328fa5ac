package org.basin.engine.cuda.twin;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.basin.RandomStreams;
import org.basin.data.Examples;
import org.basin.engine.Replicas;
import org.basin.engine.cuda.twin.OptimizerTwin.Hyperparameters;
import org.basin.engine.cuda.twin.PersistentTwin.Plan;
import org.basin.engine.cuda.twin.PersistentTwin.Settings;
import org.basin.engine.cuda.twin.PersistentTwin.State;
import org.basin.engine.reference.ReferenceNetwork;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.Parameterization;
import org.basin.train.BatchSize;
import org.basin.train.ClippingOptions;
import org.basin.train.LossFunction;
import org.basin.train.OptimizerKind;
import org.basin.train.OptimizerOptions;
import org.basin.train.TrainingTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** By hand where numbers are few, otherwise against the reference in double precision. */
class PersistentTwinTest {
  private static final float NONE = Float.POSITIVE_INFINITY;

  /** One input, one output, plain SGD on the squared error. */
  private static Settings smallest(List<Integer> hidden, boolean bias, float norm) {
    MlpSpec spec =
        new MlpSpec(
            1,
            hidden,
            1,
            Activation.RELU,
            bias,
            false,
            Initialization.HE,
            Parameterization.STANDARD,
            1);
    return new Settings(
        spec,
        ActivationTwin.RELU,
        LossTwin.MSE,
        OptimizerTwin.SGD,
        new Hyperparameters(0, 0, 0, 0, 0, 0, NONE, norm),
        0);
  }

  private static State stateOf(float... theta) {
    return new State(theta, null, null, new float[0], new float[0]);
  }

  /**
   * f = w relu(v x + c) + b with v = c = 1, w = b = ½, target 1. x = 2: a = 3, f = 2, (f - 1)² has
   * the slope 2. x = -3: a = 0, f = ½, the slope -1. Halved, as means of two: ∂w = 3·1, ∂b = 1 - ½,
   * ∂c = ½·1, ∂v = 2·½.
   */
  @ParameterizedTest
  @CsvSource({"4,0", "1,0", "2,1"})
  void aStepByHand(int capacity, int sliceBits) {
    State state = stateOf(1, 1, 0.5f, 0.5f);
    Plan plan = new Plan(32, capacity, List.of(sliceBits, sliceBits));
    double[] norms =
        new PersistentTwin(smallest(List.of(1), true, NONE), plan, state)
            .steps(
                new float[] {-3, 7, 2},
                new int[3],
                new int[] {2, 0},
                2,
                new float[] {0.25f, Float.NaN});
    assertArrayEquals(new float[] {0.75f, 0.875f, -0.25f, 0.375f}, state.theta());
    assertArrayEquals(new double[] {10.5, 10.5}, norms);
  }

  /** Of f = w x, w = 0: ∂w = 2 (0 - 1) 3 and 4, of the second step with one example left. */
  @Test
  void aShortBatchIsTheMeanOfItsOwnExamples() {
    State state = stateOf(0);
    Plan plan = new Plan(64, 4, List.of(0));
    double[] norms =
        new PersistentTwin(smallest(List.of(), false, NONE), plan, state)
            .steps(
                new float[] {3, 4, 5},
                new int[3],
                new int[] {0, 1, 2},
                2,
                new float[] {0, Float.NaN, 0.5f, Float.NaN});
    assertArrayEquals(new float[] {5}, state.theta());
    assertArrayEquals(new double[] {100, 100}, norms);
  }

  @Test
  void aLongGradientIsScaledToTheBoundOfTheNorm() {
    State state = stateOf(0);
    new PersistentTwin(smallest(List.of(), false, 2.5f), new Plan(32, 4, List.of(0)), state)
        .steps(new float[] {5}, new int[1], new int[] {0}, 1, new float[] {1, Float.NaN});
    assertArrayEquals(new float[] {2.5f}, state.theta());
  }

  /** The sum of -x/2 over the rows of x: 2²⁴ swallows a one that it meets before its opposite. */
  @ParameterizedTest
  @CsvSource({"4,0,1", "4,1,2", "4,2,1", "2,0,1", "3,1,2"})
  void rowsAreAddedByChunksAndSlices(int capacity, int sliceBits, float moved) {
    State state = stateOf(0);
    new PersistentTwin(
            smallest(List.of(), false, NONE), new Plan(32, capacity, List.of(sliceBits)), state)
        .steps(
            new float[] {0x1p25f, 2, -0x1p25f, 2},
            new int[4],
            new int[] {0, 1, 2, 3},
            4,
            new float[] {1, Float.NaN});
    assertArrayEquals(new float[] {moved}, state.theta());
  }

  private static Arguments replica(String name, Consumer<Replicas> change) {
    Replicas replicas = new Replicas();
    replicas.parameterization = Parameterization.MUP;
    change.accept(replicas);
    return Arguments.of(name, replicas.task());
  }

  static Stream<Arguments> replicas() {
    return Stream.of(
        replica(
            "linear",
            it -> {
              it.hidden = List.of();
              it.bias = false;
            }),
        replica(
            "ReLU, heavy ball, decay",
            it -> {
              it.activation = Activation.RELU;
              it.optimizer = OptimizerKind.HEAVY_BALL;
              it.weightDecay = 0.1;
            }),
        replica(
            "GELU, MSE, Nesterov, L2, smoothed",
            it -> {
              it.activation = Activation.GELU;
              it.loss = LossFunction.MSE;
              it.optimizer = OptimizerKind.NESTEROV;
              it.l2 = 0.1;
              it.labelSmoothing = 0.2;
            }),
        replica(
            "batch norm, clipped",
            it -> {
              it.batchNorm = true;
              it.clipping = new ClippingOptions(0.3, 0.1);
            }),
        replica(
            "deep, batch norm, GELU, Adam",
            it -> {
              it.hidden = List.of(5, 9, 6);
              it.bias = false;
              it.batchNorm = true;
              it.activation = Activation.GELU;
              it.optimizer = OptimizerKind.ADAM;
              it.learningRate = 0.01;
              it.batchSize = new BatchSize(30);
            }));
  }

  private static Settings settings(TrainingTask task) {
    int activation =
        switch (task.spec().activation()) {
          case RELU -> ActivationTwin.RELU;
          case TANH -> ActivationTwin.TANH;
          case GELU -> ActivationTwin.GELU;
          case IDENTITY -> ActivationTwin.IDENTITY;
        };
    boolean mse = task.options().loss() == LossFunction.MSE;
    OptimizerOptions optimizer = task.options().optimizer();
    return new Settings(
        task.spec(),
        activation,
        mse ? LossTwin.MSE : LossTwin.CROSS_ENTROPY,
        OptimizerTwinTest.code(optimizer.name()),
        OptimizerTwinTest.hyperparameters(optimizer, task.options().clipping()),
        (float) task.options().labelSmoothing());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("replicas")
  void anEpochIsThatOfTheReference(String name, TrainingTask task) {
    Examples train = task.data().train();
    OptimizerOptions optimizer = task.options().optimizer();
    int batch = task.options().batchSize().resolve(train.count());
    int steps = Math.ceilDiv(train.count(), batch);
    int[] order = IntStream.range(0, train.count()).map(i -> i * 7 % train.count()).toArray();
    double[] rates = new double[steps];
    float[] pairs = new float[2 * steps];
    for (int i = 0; i < steps; i++) {
      rates[i] = optimizer.learningRate() / (1 + i);
      double correction =
          Math.sqrt(1 - Math.pow(optimizer.beta2(), i + 1))
              / (1 - Math.pow(optimizer.beta1(), i + 1));
      pairs[2 * i] = (float) rates[i];
      pairs[2 * i + 1] = (float) (rates[i] * correction);
    }
    NetworkState start =
        Initialization.draw(task.spec(), RandomStreams.of(task.seed()).initialization());
    int size = start.parameters().length;
    try (ReferenceNetwork reference = new ReferenceNetwork(task)) {
      double norm = reference.step(order, 0, batch, rates);
      NetworkState expected = reference.state();
      for (int bits = 0; bits < 6; bits++) {
        // Statistics are those of the whole batch.
        int capacity = task.spec().batchNorm() ? batch : 5;
        List<Integer> sliceBits = Collections.nCopies(task.spec().layers(), bits);
        State state =
            new State(
                start.parameters().clone(),
                new float[size],
                new float[size],
                start.runningMean().clone(),
                start.runningVariance().clone());
        double[] norms =
            new PersistentTwin(settings(task), new Plan(64, capacity, sliceBits), state)
                .steps(train.inputs(), train.labels(), order, batch, pairs);
        assertEquals(norm, Math.sqrt(norms[0]), 1e-5 * norm);
        assertClose(expected.parameters(), state.theta());
        assertClose(expected.runningMean(), state.runningMean());
        assertClose(expected.runningVariance(), state.runningVariance());
        float[] second = reference.secondMoment();
        assertClose(second == null ? new float[size] : second, state.second());
      }
    }
  }

  private static void assertClose(float[] expected, float[] actual) {
    assertArrayEquals(expected, actual, 5e-6f, () -> Arrays.toString(actual));
  }
}
