package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.basin.data.Examples;
import org.basin.data.Split;
import org.basin.engine.Replicas;
import org.basin.engine.reference.ReferenceNetwork;
import org.basin.model.Activation;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.train.BatchSize;
import org.basin.train.ClippingOptions;
import org.basin.train.EpochOrder;
import org.basin.train.LossFunction;
import org.basin.train.OptimizerKind;
import org.basin.train.TrainingTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** An epoch in one launch, on an emulated GPU. */
class PersistentStepsTest {
  private static final int HOPPER = 227 << 10;

  @BeforeEach
  void start() {
    EmulatedGpu.require();
  }

  @AfterEach
  void everyStepWasTakenHere() {
    if (Emulator.problem() == null) {
      long products = Emulator.launches("cublasSgemm");
      Emulator.reset();
      assertEquals(0, products);
    }
  }

  /** What training leaves of a replica. */
  private record Trained(NetworkState state, double norm, float[] secondMoment) {}

  private static TrainingTask task(int examples, int classes, Consumer<Replicas> change) {
    Replicas replicas = new Replicas();
    change.accept(replicas);
    TrainingTask task = replicas.task();
    SplittableRandom random = new SplittableRandom(5);
    float[] inputs = new float[examples * replicas.inputs];
    int[] labels = new int[examples];
    for (int i = 0; i < examples; i++) {
      labels[i] = random.nextInt(classes);
      for (int j = 0; j < replicas.inputs; j++) {
        double center = j % classes == labels[i] ? 1 : 0;
        inputs[i * replicas.inputs + j] = (float) (random.nextGaussian() + center);
      }
    }
    MlpSpec spec = task.spec();
    MlpSpec ofClasses =
        new MlpSpec(
            spec.inputs(),
            spec.hidden(),
            classes,
            spec.activation(),
            spec.bias(),
            spec.batchNorm(),
            spec.initialization(),
            spec.parameterization(),
            spec.baseWidth());
    Examples train = new Examples(inputs, labels, spec.inputs(), classes);
    Examples one = train.select(new int[] {0});
    return new TrainingTask(
        ofClasses, task.options(), new Split(train, one, one, "none"), task.seed());
  }

  private static int[] order(TrainingTask task) {
    int examples = task.data().train().count();
    int batch = task.options().batchSize().resolve(examples);
    return new EpochOrder(examples, batch, task.seed()).next();
  }

  /** A rate of its own for every step. */
  private static double[] rates(TrainingTask task, int from, int steps) {
    double[] rates = new double[steps];
    for (int i = 0; i < steps; i++) {
      rates[i] = task.options().optimizer().learningRate() / (1 + 0.1 * (from + i));
    }
    return rates;
  }

  /** One epoch, {@code atOnce} steps a launch, by blocks of up to {@code sharedMemory} bytes. */
  private static List<Trained> train(List<TrainingTask> tasks, int atOnce, int sharedMemory)
      throws InterruptedException {
    Emulator.setCapability(9, 0, sharedMemory);
    int[][] orders = tasks.stream().map(PersistentStepsTest::order).toArray(int[][]::new);
    int batch = tasks.getFirst().options().batchSize().resolve(orders[0].length);
    int steps = Math.ceilDiv(orders[0].length, batch);
    double[] norms = new double[orders.length];
    List<Trained> trained = new ArrayList<>();
    try (GpuPool pool = EmulatedGpu.pool(0)) {
      Gpu gpu = pool.take();
      gpu.enter();
      long before = Emulator.launches("persistent_steps");
      try (CudaStack stack = CudaStack.of(gpu, tasks, false)) {
        for (int done = 0; done < steps; done += atOnce) {
          int from = done;
          int now = Math.min(atOnce, steps - done);
          double[][] rates =
              tasks.stream().map(task -> rates(task, from, now)).toArray(double[][]::new);
          stack.step(orders, from * batch, batch, rates, norms);
        }
        for (int r = 0; r < orders.length; r++) {
          float[] second = stack.secondMoment(r);
          trained.add(
              new Trained(stack.state(r), norms[r], second == null ? new float[0] : second));
        }
      }
      assertEquals(Math.ceilDiv(steps, atOnce), Emulator.launches("persistent_steps") - before);
    }
    return trained;
  }

  private static Trained train(TrainingTask task) throws InterruptedException {
    return train(List.of(task), Integer.MAX_VALUE / 2, HOPPER).getFirst();
  }

  private static void assertSame(Trained expected, Trained actual) {
    assertArrayEquals(expected.state.parameters(), actual.state.parameters());
    assertArrayEquals(expected.state.runningMean(), actual.state.runningMean());
    assertArrayEquals(expected.state.runningVariance(), actual.state.runningVariance());
    assertArrayEquals(expected.secondMoment, actual.secondMoment);
    assertEquals(expected.norm, actual.norm);
  }

  private static void assertRight(TrainingTask task, Trained actual) {
    int[] order = order(task);
    int batch = task.options().batchSize().resolve(order.length);
    try (ReferenceNetwork reference = new ReferenceNetwork(task)) {
      double norm =
          reference.step(order, 0, batch, rates(task, 0, Math.ceilDiv(order.length, batch)));
      assertEquals(norm, actual.norm, 1e-4 * (1 + norm), "gradient norm");
      NetworkState expected = reference.state();
      assertClose("parameter", expected.parameters(), actual.state.parameters());
      assertClose("running mean", expected.runningMean(), actual.state.runningMean());
      assertClose("running variance", expected.runningVariance(), actual.state.runningVariance());
      float[] second = reference.secondMoment();
      assertClose("second moment", second == null ? new float[0] : second, actual.secondMoment);
    }
  }

  private static void assertClose(String what, float[] expected, float[] actual) {
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], 2e-5 * (1 + Math.abs(expected[i])), what + " " + i);
    }
  }

  private static Arguments shape(
      int examples, int batch, int inputs, List<Integer> hidden, int classes, String how) {
    TrainingTask task =
        task(
            examples,
            classes,
            replica -> {
              replica.inputs = inputs;
              replica.hidden = hidden;
              replica.batchSize = new BatchSize(batch);
              replica.bias = !how.contains("no bias");
              replica.batchNorm = how.contains("batch norm");
              replica.activation = how.contains("GELU") ? Activation.GELU : Activation.TANH;
              replica.loss = how.contains("MSE") ? LossFunction.MSE : LossFunction.CROSS_ENTROPY;
              replica.labelSmoothing = 0.1;
            });
    String widths = inputs + " " + hidden + " " + classes;
    return Arguments.of(widths + ", batches of " + batch + " of " + examples + " " + how, task);
  }

  static Stream<Arguments> shapes() {
    return Stream.of(
        shape(3, 1, 1, List.of(), 2, "no bias"),
        shape(4, 1, 3, List.of(1), 1, "MSE"),
        shape(20, 7, 5, List.of(3, 5), 3, "GELU"),
        shape(31, 12, 13, List.of(7, 13, 1), 4, "no bias, GELU, MSE"),
        shape(30, 7, 7, List.of(40, 1, 5), 5, "batch norm"),
        shape(29, 12, 3, List.of(4, 8), 8, "batch norm, GELU"),
        shape(29, 12, 3, List.of(5, 6), 4, "batch norm, GELU, no bias"),
        shape(300, 128, 40, List.of(8, 8), 10, ""),
        shape(300, 128, 39, List.of(64), 10, "batch norm"),
        shape(130, 100, 33, List.of(31, 65), 11, "no bias"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("shapes")
  void anEpochIsThatOfTheReference(String name, TrainingTask task) throws InterruptedException {
    assertRight(task, train(task));
  }

  /** Everything that a stack lets differ does. */
  private static List<TrainingTask> different(OptimizerKind optimizer, boolean norm) {
    List<TrainingTask> tasks = new ArrayList<>();
    for (int r = 0; r < 3; r++) {
      int which = r;
      tasks.add(
          task(
              90,
              6,
              replica -> {
                replica.inputs = 11;
                replica.hidden = List.of(13, 7);
                replica.batchSize = new BatchSize(40);
                replica.batchNorm = norm;
                // Normalisation cancels a bias' gradient, and Adam would magnify the rounding left.
                replica.bias = !(norm && optimizer.adaptive());
                replica.activation = Activation.GELU;
                replica.optimizer = optimizer;
                replica.seed = which;
                replica.learningRate = 0.01 * (which + 1);
                replica.labelSmoothing = 0.1 * which;
                replica.l2 = 0.1 * which;
                replica.weightDecay = 0.1 * which;
                replica.clipping =
                    new ClippingOptions(which == 0 ? null : 0.1, which == 1 ? null : 0.01);
              }));
    }
    return tasks;
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void replicasOfALaunchAreTheReplicasAlone(OptimizerKind optimizer) throws InterruptedException {
    List<TrainingTask> tasks = different(optimizer, true);
    List<Trained> together = train(tasks, 3, HOPPER);
    for (int r = 0; r < tasks.size(); r++) {
      assertRight(tasks.get(r), together.get(r));
      assertSame(train(tasks.get(r)), together.get(r));
    }
  }

  static OptimizerKind[] optimizers() {
    return OptimizerKind.values();
  }

  @Test
  void everyOrderOfThreadsGivesTheSameBits() throws InterruptedException {
    TrainingTask wide =
        task(
            150,
            10,
            replica -> {
              replica.inputs = 40;
              replica.hidden = List.of(64, 20);
              replica.batchSize = new BatchSize(128);
              replica.clipping = new ClippingOptions(0.1, null);
            });
    List<TrainingTask> small = different(OptimizerKind.ADAM, true);
    Trained wideForward = train(wide);
    List<Trained> smallForward = train(small, 3, HOPPER);
    for (int seed = 0; seed < 3; seed++) {
      Emulator.setOrder(seed == 0 ? Emulator.Order.REVERSE : Emulator.Order.SHUFFLED, seed);
      assertSame(wideForward, train(wide));
      List<Trained> again = train(small, 3, HOPPER);
      for (int r = 0; r < small.size(); r++) {
        assertSame(smallForward.get(r), again.get(r));
      }
    }
  }

  @Test
  void stepsOfSeveralLaunchesAreThoseOfOne() throws InterruptedException {
    for (OptimizerKind optimizer : List.of(OptimizerKind.NESTEROV, OptimizerKind.ADAM)) {
      List<TrainingTask> tasks = different(optimizer, true);
      List<Trained> atOnce = train(tasks, 3, HOPPER);
      List<Trained> oneByOne = train(tasks, 1, HOPPER);
      for (int r = 0; r < tasks.size(); r++) {
        assertSame(atOnce.get(r), oneByOne.get(r));
      }
    }
  }

  private static PersistentLayout layout(TrainingTask task, int sharedMemory) {
    int examples = task.data().train().count();
    PersistentLayout layout =
        PersistentLayout.of(
            task.spec(),
            task.options().loss(),
            task.options().optimizer().name(),
            task.options().batchSize().resolve(examples),
            sharedMemory);
    assertNotNull(layout);
    return layout;
  }

  @Test
  void stateOutsideOfSharedMemoryIsTheSame() throws InterruptedException {
    for (OptimizerKind optimizer : List.of(OptimizerKind.HEAVY_BALL, OptimizerKind.ADAM)) {
      List<TrainingTask> tasks = different(optimizer, false);
      int all = layout(tasks.getFirst(), HOPPER).sharedBytes();
      assertEquals(40, layout(tasks.getFirst(), all - 1).capacity());
      List<Trained> inside = train(tasks, 2, all);
      List<Trained> outside = train(tasks, 2, all - 1);
      for (int r = 0; r < tasks.size(); r++) {
        assertSame(inside.get(r), outside.get(r));
      }
    }
  }

  @Test
  void aBatchTakenInChunksIsTheBatch() throws InterruptedException {
    TrainingTask task =
        task(
            230,
            3,
            replica -> {
              replica.inputs = 21;
              replica.batchSize = new BatchSize(100);
              replica.clipping = new ClippingOptions(0.5, 0.2);
            });
    int chunked = layout(task, HOPPER).sharedBytes() / 2;
    assertEquals(36, layout(task, chunked).capacity(), "a third, to a multiple of 4");
    List<Trained> trained = train(List.of(task), 2, chunked);
    assertRight(task, trained.getFirst());
    Emulator.setOrder(Emulator.Order.SHUFFLED, 1);
    assertSame(trained.getFirst(), train(List.of(task), 2, chunked).getFirst());
  }

  @Test
  void aNetworkThatDivergesSaysSoAndLeavesTheOthersAlone() throws InterruptedException {
    TrainingTask tame = task(40, 3, replica -> replica.batchSize = new BatchSize(5));
    TrainingTask wild =
        task(
            40,
            3,
            replica -> {
              replica.batchSize = new BatchSize(5);
              replica.learningRate = 1e6;
              replica.l2 = 1e6;
              replica.weightDecay = 1e6;
            });
    List<Trained> trained = train(List.of(wild, tame), 8, HOPPER);
    assertTrue(Double.isNaN(trained.getFirst().norm));
    float[] parameters = trained.getFirst().state.parameters();
    assertEquals(0, Arrays.stream(widen(parameters)).filter(Double::isFinite).count());
    assertSame(train(tame), trained.getLast());
  }

  private static double[] widen(float[] values) {
    double[] widened = new double[values.length];
    Arrays.setAll(widened, i -> values[i]);
    return widened;
  }
}
