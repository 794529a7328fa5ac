package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.basin.engine.cuda.twin.OptimizerTwin;
import org.basin.engine.cuda.twin.OptimizerTwin.Hyperparameters;
import org.basin.engine.cuda.twin.PersistentTwin;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.ParameterLayout;
import org.basin.model.Parameterization;
import org.basin.train.LossFunction;
import org.basin.train.OptimizerKind;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The same bits as the twin, but where a library's exp, tanh or erfc stands in between. */
class PersistentKernelTest {
  private static final int HOPPER = 227 << 10;
  private static final int REPLICAS = 3;
  private static final int EXAMPLES = 50;

  // Words of the kernel's Network and Layer; those of a Layer that cut its products.
  private static final int NETWORK_WORDS = 19;
  private static final int LAYER_WORDS = 19;
  private static final int FORWARD_ROWS = 16;
  private static final int BACKWARD_ROWS = 17;
  private static final int SLICE_BITS = 18;

  private static final float NONE = Float.POSITIVE_INFINITY;

  /** Both bounds, neither, and bounds that are not reached. */
  private static final List<Hyperparameters> HYPER =
      List.of(
          new Hyperparameters(0.9f, 0.9f, 0.999f, 1e-8f, 0.01f, 0.1f, 0.02f, 0.05f),
          new Hyperparameters(0, 0.5f, 0.9f, 1e-3f, 0, 0, NONE, NONE),
          new Hyperparameters(0.5f, 0.9f, 0.99f, 1e-8f, 0.5f, 0, 1e6f, 1e30f));

  private static final float[] SMOOTHING = {0, 0.1f, 0.3f};

  private final RandomArrays random = new RandomArrays(12);

  /**
   * Steps that all replicas do alike.
   *
   * @param length examples of all steps together
   */
  private record Steps(
      MlpSpec spec, LossFunction loss, OptimizerKind optimizer, int batch, int length) {
    int count() {
      return Math.ceilDiv(length, batch);
    }

    PersistentLayout layout(int sharedMemory) {
      PersistentLayout layout =
          PersistentLayout.of(spec, loss, optimizer, Math.min(batch, length), sharedMemory);
      assertNotNull(layout);
      return layout;
    }

    /** Whether no function is in between that the libraries of the two languages round each. */
    boolean exact() {
      boolean linear = spec.hidden().isEmpty() || spec.activation() == Activation.IDENTITY;
      return loss == LossFunction.MSE && (linear || spec.activation() == Activation.RELU);
    }
  }

  /** What all replicas learn from, {@code [R][...]} or {@code [R, ...]}. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Data(float[][] inputs, int[][] labels, int[] orders, float[] rates) {}

  /** What steps change, of all replicas. */
  @SuppressWarnings("ArrayRecordComponent") // compared with a rounding
  private record Numbers(
      float[] theta,
      float @Nullable [] first,
      float @Nullable [] second,
      float[] mean,
      float[] variance,
      double[] norms) {

    private static float @Nullable [] cut(float @Nullable [] values, int r, int count) {
      int from = values == null ? 0 : values.length / REPLICAS * r;
      return values == null ? null : Arrays.copyOfRange(values, from, from + count);
    }

    private static void paste(float @Nullable [] values, float @Nullable [] all, int r) {
      if (values != null) {
        System.arraycopy(values, 0, all, all.length / REPLICAS * r, values.length);
      }
    }

    /** Copies, of a replica alone. */
    PersistentTwin.State state(int r, ParameterLayout layout) {
      return new PersistentTwin.State(
          cut(theta, r, layout.size()),
          cut(first, r, layout.size()),
          cut(second, r, layout.size()),
          cut(mean, r, layout.statisticsSize()),
          cut(variance, r, layout.statisticsSize()));
    }

    void put(int r, PersistentTwin.State state, double[] sums) {
      paste(state.theta(), theta, r);
      paste(state.first(), first, r);
      paste(state.second(), second, r);
      paste(state.runningMean(), mean, r);
      paste(state.runningVariance(), variance, r);
      int at = 2 * OptimizerTwin.PARTS * r;
      Arrays.fill(norms, at, at + 2 * OptimizerTwin.PARTS, 0);
      System.arraycopy(sums, 0, norms, at, 2);
    }

    Numbers copy() {
      return new Numbers(
          theta.clone(),
          first == null ? null : first.clone(),
          second == null ? null : second.clone(),
          mean.clone(),
          variance.clone(),
          norms.clone());
    }
  }

  private Data data(Steps steps) {
    float[][] inputs = new float[REPLICAS][];
    int[][] labels = new int[REPLICAS][];
    for (int r = 0; r < REPLICAS; r++) {
      inputs[r] = random.normal(EXAMPLES * steps.spec.inputs(), 0, 1);
      labels[r] = random.below(steps.spec.outputs(), EXAMPLES);
    }
    return new Data(
        inputs,
        labels,
        random.below(EXAMPLES, REPLICAS * steps.length),
        random.normal(REPLICAS * steps.count() * 2, 0.02, 0.005));
  }

  private Numbers numbers(Steps steps) {
    ParameterLayout layout = new ParameterLayout(steps.spec);
    int all = REPLICAS * (layout.size() + 3);
    int statistics = REPLICAS * layout.statisticsSize();
    double[] norms = new double[REPLICAS * OptimizerTwin.PARTS * 2];
    Arrays.fill(norms, -1);
    return new Numbers(
        random.normal(all, 0, 0.5),
        steps.optimizer == OptimizerKind.SGD ? null : random.normal(all, 0, 0.1),
        steps.optimizer.adaptive() ? random.normal(all, 2, 0.1) : null,
        random.normal(statistics, 0, 1),
        random.normal(statistics, 2, 0.1),
        norms);
  }

  private static void runTwin(Steps steps, Data data, PersistentLayout layout, Numbers numbers) {
    List<Integer> sliceBits =
        IntStream.range(0, steps.spec.layers())
            .mapToObj(l -> layout.plan()[NETWORK_WORDS + l * LAYER_WORDS + SLICE_BITS])
            .toList();
    PersistentTwin.Plan plan =
        new PersistentTwin.Plan(layout.threads(), layout.capacity(), sliceBits);
    ParameterLayout parameters = new ParameterLayout(steps.spec);
    for (int r = 0; r < REPLICAS; r++) {
      PersistentTwin.Settings settings =
          new PersistentTwin.Settings(
              steps.spec,
              KernelCodes.of(steps.spec.activation()),
              KernelCodes.of(steps.loss),
              KernelCodes.of(steps.optimizer),
              HYPER.get(r),
              SMOOTHING[r]);
      PersistentTwin.State state = numbers.state(r, parameters);
      int[] order = Arrays.copyOfRange(data.orders, r * steps.length, (r + 1) * steps.length);
      float[] rates =
          Arrays.copyOfRange(data.rates, 2 * r * steps.count(), 2 * (r + 1) * steps.count());
      double[] sums =
          new PersistentTwin(settings, plan, state)
              .steps(data.inputs[r], data.labels[r], order, steps.batch, rates);
      numbers.put(r, state, sums);
    }
  }

  /** As the first layer reads them: the one that meets the bias behind, padded with zeros. */
  private static float[] rows(MlpSpec spec, float[] inputs) {
    int stride = new StackLayout(spec).inputStride(0);
    float[] rows = new float[EXAMPLES * stride];
    for (int i = 0; i < EXAMPLES; i++) {
      System.arraycopy(inputs, i * spec.inputs(), rows, i * stride, spec.inputs());
      if (spec.bias()) {
        rows[i * stride + spec.inputs()] = 1;
      }
    }
    return rows;
  }

  private static void runKernel(Steps steps, Data data, PersistentLayout layout, Numbers numbers) {
    float[] hyper = OptimizerKernelTest.words(HYPER);
    float[][] inputs =
        Arrays.stream(data.inputs).map(each -> rows(steps.spec, each)).toArray(float[][]::new);
    float[] nothing = new float[0];
    boolean norm = steps.spec.batchNorm() && steps.spec.layers() > 1;
    try (Bench bench = Bench.open()) {
      bench.runInEveryOrder(
          () ->
              bench.launchWithMemory(
                  "persistent.cu",
                  "persistent_steps",
                  REPLICAS,
                  layout.threads(),
                  layout.sharedBytes(),
                  bench.on(numbers.theta),
                  bench.on(numbers.first),
                  bench.on(numbers.second),
                  (long) (numbers.theta.length / REPLICAS),
                  bench.on(norm ? numbers.mean : null),
                  bench.on(norm ? numbers.variance : null),
                  bench.on(hyper),
                  bench.on(SMOOTHING),
                  bench.onEach(inputs),
                  bench.onEach(data.labels),
                  bench.on(data.orders),
                  bench.on(data.rates),
                  bench.on(numbers.norms),
                  bench.on(layout.plan()),
                  layout.plan().length,
                  new StackLayout(steps.spec).inputStride(0),
                  steps.length,
                  steps.batch,
                  steps.count(),
                  0),
          numbers.theta,
          numbers.first == null ? nothing : numbers.first,
          numbers.second == null ? nothing : numbers.second,
          numbers.mean,
          numbers.variance,
          numbers.norms);
    }
  }

  private void assertAsItsTwin(Steps steps, PersistentLayout layout) {
    assertAsItsTwin(steps, layout, numbers(steps));
  }

  private void assertAsItsTwin(Steps steps, PersistentLayout layout, Numbers numbers) {
    Data data = data(steps);
    Numbers twin = numbers.copy();
    runTwin(steps, data, layout, twin);
    runKernel(steps, data, layout, numbers);
    double rounding = steps.exact() ? 0 : 1e-6;
    Bench.assertClose(twin.theta, numbers.theta, rounding, rounding);
    if (twin.first != null) {
      Bench.assertClose(twin.first, numbers.first, rounding, rounding);
    }
    if (twin.second != null) {
      Bench.assertClose(twin.second, numbers.second, rounding, rounding);
    }
    Bench.assertClose(twin.mean, numbers.mean, rounding, rounding);
    Bench.assertClose(twin.variance, numbers.variance, rounding, rounding);
    for (int i = 0; i < twin.norms.length; i++) {
      double norm = twin.norms[i];
      double delta = Double.isFinite(norm) ? rounding * norm : 0;
      assertEquals(norm, numbers.norms[i], delta, "norm " + i);
    }
  }

  /** Of widths "inputs hidden ... classes". */
  private static MlpSpec spec(String widths, Activation activation, boolean bias, boolean norm) {
    List<Integer> all = Arrays.stream(widths.split(" ")).map(Integer::valueOf).toList();
    return new MlpSpec(
        all.getFirst(),
        all.subList(1, all.size() - 1),
        all.getLast(),
        activation,
        bias,
        norm,
        Initialization.HE,
        Parameterization.MUP,
        2);
  }

  @ParameterizedTest
  @CsvSource({
    "1 1,          IDENTITY, MSE,           SGD,        true,  false,   1,   2",
    "7 3,          RELU,     MSE,           NESTEROV,   false, false,   5,  12",
    "5 4 3,        RELU,     MSE,           HEAVY_BALL, true,  false,   7,  20",
    "7 3 2,        RELU,     MSE,           ADAM,       false, false,   3,   8",
    "13 7 9 4,     RELU,     MSE,           NESTEROV,   false, true,   12,  30",
    "8 8 8 4,      RELU,     MSE,           SGD,        true,  true,   32,  70",
    "4 6 5 3 5,    IDENTITY, MSE,           ADAMW,      true,  false,  20,  55",
    "3 5 9 6 2,    IDENTITY, MSE,           ADAM,       false, true,   16,  40",
    "40 3 10,      RELU,     MSE,           NESTEROV,   true,  false, 100, 130",
    "40 33 17 10,  RELU,     MSE,           HEAVY_BALL, true,  false, 100, 130",
    "40 64 10,     RELU,     MSE,           SGD,        true,  true,  128, 140",
    "6 4,          RELU,     CROSS_ENTROPY, ADAM,       true,  false,   9,  30",
    "6 5 11,       RELU,     CROSS_ENTROPY, SGD,        true,  true,   12,  30",
    "5 7 3 3,      TANH,     CROSS_ENTROPY, NESTEROV,   false, false,   7,  20",
    "5 3 6 7 4,    TANH,     MSE,           ADAM,       false, true,   12,  30",
    "5 3 6 2,      GELU,     CROSS_ENTROPY, HEAVY_BALL, true,  false,  12,  30",
    "9 8 5 10,     GELU,     MSE,           ADAMW,      false, true,   20,  50"
  })
  void asItsTwin(
      String widths,
      Activation activation,
      LossFunction loss,
      OptimizerKind optimizer,
      boolean bias,
      boolean norm,
      int batch,
      int length) {
    MlpSpec spec = spec(widths, activation, bias, norm);
    Steps steps = new Steps(spec, loss, optimizer, batch, length);
    assertAsItsTwin(steps, steps.layout(HOPPER));
  }

  @ParameterizedTest
  @CsvSource({"RELU,MSE,ADAM", "IDENTITY,MSE,SGD", "GELU,CROSS_ENTROPY,NESTEROV"})
  void chunksAsTheirTwin(Activation activation, LossFunction loss, OptimizerKind optimizer) {
    MlpSpec spec = spec("21 7 5 3", activation, true, false);
    Steps steps = new Steps(spec, loss, optimizer, 100, 270);
    PersistentLayout layout = steps.layout(steps.layout(HOPPER).sharedBytes() / 2);
    assertEquals(36, layout.capacity(), "a third, to a multiple of 4");
    assertAsItsTwin(steps, layout);
  }

  /** As they would be cut where a block has more or fewer threads for as much work. */
  @ParameterizedTest
  @CsvSource({"0,1,4", "1,2,1", "2,4,2", "3,1,1", "4,2,2", "5,4,4"})
  void everyCutOfTheProductsAsItsTwin(int sliceBits, int forwardRows, int backwardRows) {
    MlpSpec spec = spec("9 6 5 3", Activation.RELU, true, true);
    Steps steps = new Steps(spec, LossFunction.MSE, OptimizerKind.HEAVY_BALL, 75, 130);
    PersistentLayout layout = steps.layout(HOPPER);
    for (int l = 0; l < spec.layers(); l++) {
      int at = NETWORK_WORDS + l * LAYER_WORDS;
      layout.plan()[at + FORWARD_ROWS] = forwardRows;
      layout.plan()[at + BACKWARD_ROWS] = backwardRows;
      layout.plan()[at + SLICE_BITS] = sliceBits;
    }
    assertAsItsTwin(steps, layout);
  }

  @ParameterizedTest
  @EnumSource(LossFunction.class)
  void whatIsNotANumberAsItsTwin(LossFunction loss) {
    MlpSpec spec = spec("4 6 5 3", Activation.RELU, true, false);
    Steps steps = new Steps(spec, loss, OptimizerKind.NESTEROV, 12, 30);
    Numbers numbers = numbers(steps);
    int stride = numbers.theta.length / REPLICAS;
    numbers.theta[0] = Float.NaN;
    numbers.theta[stride + new ParameterLayout(spec).weight(2)] = Float.POSITIVE_INFINITY;
    assertAsItsTwin(steps, steps.layout(HOPPER), numbers);
  }
}
