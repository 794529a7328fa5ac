package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.basin.data.Examples;
import org.basin.engine.ObjectiveCase;
import org.basin.engine.cpu.CpuObjectiveEngine;
import org.basin.landscape.curvature.HessianOptions;
import org.basin.landscape.curvature.HessianProbe;
import org.basin.landscape.curvature.ObjectiveOperators;
import org.basin.linalg.Eigenpair;
import org.basin.linalg.Eigenpairs;
import org.basin.linalg.KrylovContract;
import org.basin.linalg.KrylovSequences;
import org.basin.linalg.KrylovSequences.Step;
import org.basin.linalg.Lanczos;
import org.basin.linalg.NonFiniteProductException;
import org.basin.linalg.SpectralDensity;
import org.basin.linalg.SymmetricOperator;
import org.basin.linalg.Trace;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Measurement;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.Parameterization;
import org.basin.train.BatchNormPolicy;
import org.basin.train.Curvature;
import org.basin.train.LossFunction;
import org.basin.train.Objective;
import org.basin.train.ObjectiveOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** On the emulator: the kernels themselves, on the CPU. */
class CudaSequencesTest extends KrylovContract {
  private static final float[][] NONE = {};
  private static final ObjectiveCase CASE = network(9, 30, BatchNormPolicy.FROZEN);

  @RegisterExtension private static final OneEmulatedGpu EMULATED = new OneEmulatedGpu();

  private CudaObjective objective;

  private static ObjectiveCase network(int width, int examples, BatchNormPolicy policy) {
    return ObjectiveCase.of(
        new MlpSpec(
            5,
            List.of(width, width),
            3,
            Activation.TANH,
            true,
            policy == BatchNormPolicy.BATCH,
            Initialization.HE,
            Parameterization.STANDARD,
            64),
        new ObjectiveOptions(LossFunction.CROSS_ENTROPY, 0, 0.01, policy),
        examples,
        new SplittableRandom(6));
  }

  private static CudaObjective objective(Gpu on, ObjectiveCase c, boolean keepAll) {
    return OneEmulatedGpu.objective(on, c, 11, keepAll);
  }

  @BeforeEach
  void openObjective() {
    objective = objective(EMULATED.gpu(), CASE, true);
  }

  @AfterEach
  void closeObjective() {
    objective.close();
  }

  /** On the GPU with its sequences, or by its products on the heap. */
  private record Operator(Objective objective, Curvature curvature, float[] theta, boolean own)
      implements SymmetricOperator {
    @Override
    public int size() {
      return objective.size();
    }

    @Override
    public void apply(float[] vectors, int count, float[] products) {
      if (curvature == Curvature.GAUSS_NEWTON) {
        objective.gaussNewtonVectors(theta, vectors, count, products);
        return;
      }
      objective.hessianVectors(theta, vectors, count, products);
      if (curvature == Curvature.RESIDUAL) {
        float[] subtracted = new float[count * size()];
        objective.gaussNewtonVectors(theta, vectors, count, subtracted);
        for (int i = 0; i < subtracted.length; i++) {
          products[i] -= subtracted[i];
        }
      }
    }

    @Override
    public KrylovSequences sequences(float[][] known, int count, int steps) {
      if (!own) {
        return SymmetricOperator.super.sequences(known, count, steps);
      }
      KrylovSequences sequences = objective.sequences(curvature, theta, known, count, steps);
      assertNotNull(sequences);
      return sequences;
    }
  }

  private Operator operator(Curvature curvature, boolean own) {
    return new Operator(objective, curvature, CASE.theta(), own);
  }

  @Override
  protected SymmetricOperator operator() {
    return operator(Curvature.RESIDUAL, true);
  }

  private static double[] direction(int size) {
    return new SplittableRandom(3).doubles(size, -1, 1).toArray();
  }

  /** All that some steps tell. */
  private static double[] told(KrylovSequences sequences, int steps, Runnable between) {
    double[] all = {};
    for (int m = 0; m < steps; m++) {
      for (Step step : sequences.expand(0)) {
        all =
            Stream.of(all, step.coefficients(), new double[] {step.productNorm(), step.restNorm()})
                .flatMapToDouble(Arrays::stream)
                .toArray();
      }
      if (m >= 3) { // steps are recorded by then
        between.run();
      }
    }
    return all;
  }

  private static double[] told(CudaObjective of, Curvature curvature, Runnable between) {
    KrylovSequences sequences = of.sequences(curvature, CASE.theta(), NONE, 1, 8);
    assertNotNull(sequences);
    try (sequences) {
      sequences.turn(0, direction(of.size()));
      return told(sequences, 8, between);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aStepThatComesAgainIsOneLaunch(Curvature curvature) {
    KrylovSequences sequences = objective.sequences(curvature, CASE.theta(), NONE, 1, 8);
    try (sequences) {
      sequences.turn(0, direction(objective.size()));
      long before = Emulator.launches();
      sequences.expand(0);
      long eager = Emulator.launches() - before;
      assertTrue(eager > 20, "launches " + eager);
      sequences.expand(0);
      before = Emulator.launches();
      long graphs = Emulator.launches("graph");
      told(sequences, 5, () -> {});
      assertEquals(before, Emulator.launches(), "launches that were not recorded");
      assertEquals(5, Emulator.launches("graph") - graphs);
    }
  }

  @ParameterizedTest
  @EnumSource
  void stepsAreTheSameWhateverElseIsAskedForAndWhatIsKept(Curvature curvature) {
    double[] told = told(objective, curvature, () -> {});
    float[] other = CASE.theta().clone();
    other[0] += 1;
    float[] many = new float[3 * objective.size()];
    float[] v = ObjectiveCase.gaussian(new SplittableRandom(1), 3 * objective.size());
    assertArrayEquals(
        told,
        told(
            objective,
            curvature,
            () -> {
              objective.gradient(other, new float[other.length]);
              objective.hessianVectors(other, v, 1, many);
            }));
    // Buffers that grow are others.
    int[] count = {1};
    assertArrayEquals(
        told,
        told(
            objective,
            curvature,
            () -> {
              count[0]++;
              float[] more = new float[count[0] * objective.size()];
              objective.gaussNewtonVectors(CASE.theta(), more, count[0], more.clone());
            }));
    try (CudaObjective one = objective(EMULATED.gpu(), CASE, false)) {
      assertArrayEquals(told, told(one, curvature, () -> {}));
    }
  }

  @ParameterizedTest
  @EnumSource
  void theOrderOfThreadsDoesNotMatter(Curvature curvature) {
    double[] forward = told(objective, curvature, () -> {});
    for (Emulator.Order order : List.of(Emulator.Order.REVERSE, Emulator.Order.SHUFFLED)) {
      Emulator.setOrder(order, 3);
      try {
        assertArrayEquals(forward, told(objective, curvature, () -> {}));
      } finally {
        Emulator.setOrder(Emulator.Order.FORWARD, 0);
      }
    }
  }

  private static void assertPairs(Eigenpairs expected, Eigenpairs actual) {
    assertTrue(actual.converged());
    for (int i = 0; i < expected.all().size(); i++) {
      Eigenpair pair = expected.all().get(i);
      assertEquals(pair.value(), actual.all().get(i).value(), 1e-5 * expected.norm(), "pair " + i);
    }
  }

  @ParameterizedTest
  @EnumSource
  void eigenvaluesAreThoseOfTheHeap(Curvature curvature) {
    ObjectiveCase c = network(12, 30, BatchNormPolicy.BATCH);
    try (CudaObjective on = objective(EMULATED.gpu(), c, true)) {
      SymmetricOperator gpus = new Operator(on, curvature, c.theta(), true);
      SymmetricOperator heap = new Operator(on, curvature, c.theta(), false);
      assertTrue(on.size() > 200, "of an order that is iterated");
      for (int basis : new int[] {14, 160}) {
        // G has no smallest value that stands alone.
        int smallest = curvature == Curvature.GAUSS_NEWTON ? 0 : 2;
        Lanczos.Options options = new Lanczos.Options(3, smallest, 1e-4, 400, basis);
        assertPairs(
            Lanczos.eigenpairs(heap, options, new SplittableRandom(1)),
            Lanczos.eigenpairs(gpus, options, new SplittableRandom(1)));
      }
    }
  }

  @Test
  void densitiesAndTracesAreThoseOfTheHeap() {
    SymmetricOperator own = operator(Curvature.HESSIAN, true);
    SymmetricOperator heap = operator(Curvature.HESSIAN, false);
    List<Eigenpair> known =
        Lanczos.eigenpairs(heap, Lanczos.Options.of(3, 1), new SplittableRandom(1)).all();
    SpectralDensity.Options runs = new SpectralDensity.Options(4, 20);
    for (int power = 1; power < 4; power++) {
      Uncertain expected =
          SpectralDensity.quadrature(heap, known, runs, new SplittableRandom(2)).moment(power);
      Uncertain actual =
          SpectralDensity.quadrature(own, known, runs, new SplittableRandom(2)).moment(power);
      assertEquals(expected.value(), actual.value(), 1e-5 * Math.abs(expected.value()));
      assertEquals(expected.standardError(), actual.standardError(), 1e-4);
    }
    Uncertain expected = Trace.deflated(heap, known, 9, new SplittableRandom(3));
    Uncertain actual = Trace.deflated(own, known, 9, new SplittableRandom(3));
    assertEquals(expected.value(), actual.value(), 1e-5 * Math.abs(expected.value()));
    expected = Trace.hutchPlusPlus(heap, 24, new SplittableRandom(3));
    actual = Trace.hutchPlusPlus(own, 24, new SplittableRandom(3));
    assertEquals(expected.value(), actual.value(), 1e-5 * Math.abs(expected.value()));
  }

  /** Three different eigenvalues: three steps, and nothing is left. */
  @Test
  void anInvariantSubspaceEndsASequence() {
    // Of inputs and parameters that are 0 the outputs depend on their own biases alone.
    ObjectiveCase c = network(9, 30, BatchNormPolicy.FROZEN);
    float[] theta = new float[c.theta().length];
    Examples none = new Examples(new float[30 * 5], new int[30], 5, 3);
    ObjectiveCase flat =
        new ObjectiveCase(
            c.spec(),
            new ObjectiveOptions(LossFunction.MSE, 0, 0.25, BatchNormPolicy.FROZEN),
            none,
            c.statistics(),
            theta);
    try (CudaObjective on = objective(EMULATED.gpu(), flat, true)) {
      SymmetricOperator own = new Operator(on, Curvature.GAUSS_NEWTON, theta, true);
      Eigenpairs pairs =
          Lanczos.eigenpairs(
              own, new Lanczos.Options(4, 1, 1e-4, 100, 40), new SplittableRandom(1));
      assertEquals(2.0 / 3, pairs.largest().getFirst().value(), 1e-6, "of the last biases");
      assertEquals(2.0 / 3, pairs.largest().get(2).value(), 1e-6);
      assertEquals(0.25, pairs.largest().get(3).value(), 1e-6);
      assertEquals(0, pairs.smallest().getFirst().value(), 1e-6);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aProductThatIsNotFiniteIsToldAsOnTheHeap(Curvature curvature) {
    String expected = messageOfADivergence(curvature, false);
    assertTrue(expected.contains(" of operator product 3 is NaN"), expected);
    assertEquals(expected, messageOfADivergence(curvature, true));
    long free = EMULATED.gpu().memory().free();
    assertEquals(expected, messageOfADivergence(curvature, true));
    assertEquals(free, EMULATED.gpu().memory().free());
  }

  private String messageOfADivergence(Curvature curvature, boolean own) {
    float[] theta = CASE.theta().clone();
    Operator operator = new Operator(objective, curvature, theta, own);
    try (KrylovSequences sequences = operator.sequences(NONE, 2, 2)) {
      sequences.turn(0, direction(operator.size()));
      sequences.turn(1, direction(operator.size()));
      sequences.expand(1, 0);
      theta[3] = Float.NaN;
      return assertThrows(NonFiniteProductException.class, () -> sequences.expand(1, 0))
          .getMessage();
    }
  }

  private static GpuPool small(long bytes) {
    Emulator.setMemory(bytes);
    try {
      return EmulatedGpu.pool(1);
    } finally {
      Emulator.setMemory(1L << 30);
    }
  }

  /** As many side by side as there is room for their products, and all of them in the end. */
  @Test
  void moreSequencesThanProductsAtOnceGoInParts() {
    ObjectiveCase c = network(40, 200, BatchNormPolicy.BATCH);
    try (GpuPool pool = small(40L << 20);
        CudaObjective tight = objective(pool.gpus().getFirst(), c, true);
        CudaObjective roomy = objective(EMULATED.gpu(), c, true)) {
      double[][] told =
          Stream.of(roomy, tight)
              .map(on -> manyAtOnce(new Operator(on, Curvature.RESIDUAL, c.theta(), true)))
              .toArray(double[][]::new);
      assertTrue(tight.stack().vectorsAtOnce() < 30 && roomy.stack().vectorsAtOnce() == 30);
      assertArrayEquals(told[0], told[1]);
    }
  }

  private static double[] manyAtOnce(SymmetricOperator operator) {
    int[] all = IntStream.range(0, 30).toArray();
    try (KrylovSequences sequences = operator.sequences(NONE, 30, 4)) {
      for (int s : all) {
        double[] direction = direction(operator.size());
        direction[s] = 5;
        sequences.turn(s, direction);
      }
      return Stream.generate(() -> sequences.expand(all))
          .limit(4)
          .flatMap(List::stream)
          .flatMapToDouble(step -> Arrays.stream(step.coefficients()))
          .toArray();
    }
  }

  /** Where there is no room the heap has it. */
  @Test
  void withoutRoomTheyAreOnTheHeap() throws InterruptedException {
    ObjectiveCase c = network(12, 30, BatchNormPolicy.FROZEN);
    try (GpuPool pool = small(100L << 20);
        CudaObjective on = objective(pool.gpus().getFirst(), c, true)) {
      assertNull(on.sequences(Curvature.HESSIAN, c.theta(), NONE, 200, 100), "over an eighth");
      Lanczos.Options options = Lanczos.Options.of(3, 1);
      SymmetricOperator hessian = ObjectiveOperators.hessian(on, c.theta());
      Eigenpairs pairs = Lanczos.eigenpairs(hessian, options, new SplittableRandom(1));
      GpuMemory memory = pool.gpus().getFirst().memory();
      try (DeviceArena pages = new DeviceArena(memory);
          DeviceArena rest = new DeviceArena(memory)) {
        pages.reserve(memory.free() / GpuMemory.PAGE * GpuMemory.PAGE / Float.BYTES);
        pages.allocate();
        rest.reserve(memory.free() / Float.BYTES);
        rest.tryAllocate(); // where there is one
        assertNull(on.sequences(Curvature.HESSIAN, c.theta(), NONE, 1, 100), "taken by others");
        assertPairs(pairs, Lanczos.eigenpairs(hessian, options, new SplittableRandom(1)));
      }
    }
  }

  @Test
  void memoryComesBack() {
    double[] warm = told(objective, Curvature.HESSIAN, () -> {});
    assertTrue(warm.length > 8);
    long free = EMULATED.gpu().memory().free();
    KrylovSequences sequences = objective.sequences(Curvature.RESIDUAL, CASE.theta(), NONE, 1, 8);
    assertTrue(EMULATED.gpu().memory().free() < free);
    sequences.turn(0, direction(objective.size()));
    told(sequences, 4, () -> {});
    sequences.close();
    assertEquals(free, EMULATED.gpu().memory().free());
    sequences.close(); // once more does no harm
    float[][] known = {new float[objective.size()]};
    Emulator.fail("cuMemcpyHtoDAsync", 0, 1);
    assertThrows(
        RuntimeException.class,
        () -> objective.sequences(Curvature.HESSIAN, CASE.theta(), known, 1, 8));
    assertEquals(free, EMULATED.gpu().memory().free());
  }

  @Test
  void whatWasRecordedGoesWithTheObjective() {
    told(objective, Curvature.HESSIAN, () -> {});
    long handles = Emulator.handles();
    try (CudaObjective another = objective(EMULATED.gpu(), CASE, true)) {
      told(another, Curvature.HESSIAN, () -> {});
      told(another, Curvature.RESIDUAL, () -> {});
      assertTrue(Emulator.handles() > handles + 2, "graphs");
    }
    assertEquals(handles, Emulator.handles());
  }

  @ParameterizedTest
  @ValueSource(strings = {"cuStreamBeginCapture", "cuGraphInstantiateWithFlags"})
  void aStepThatCannotBeRecordedIsEnqueued(String function) {
    long[] launches = new long[2];
    double[][] told = new double[2][];
    for (int i = 0; i < 2; i++) {
      try (CudaObjective fresh = objective(EMULATED.gpu(), CASE, true)) {
        long before = Emulator.launches();
        told[i] = told(fresh, Curvature.RESIDUAL, () -> {});
        launches[i] = Emulator.launches() - before;
      }
      if (i == 0) {
        Emulator.fail(function, 0, 900);
      }
    }
    assertArrayEquals(told[0], told[1]);
    assertTrue(launches[1] > 3 * launches[0], launches[1] + " launches after " + launches[0]);
  }

  /** The same figures from both engines, but for what rounding moves. */
  @Test
  void theHessianProbeMeasuresTheSameAsOnTheCpu() {
    ObjectiveCase c = network(12, 60, BatchNormPolicy.FROZEN);
    HessianOptions options = new HessianOptions(3, 1, 12, 2, 30, 0, false);
    Measurement actual;
    Measurement expected;
    try (CudaObjective on = objective(EMULATED.gpu(), c, true)) {
      actual = HessianProbe.measure(on, c.theta(), 3, options, new SplittableRandom(5));
    }
    try (CpuObjectiveEngine engine = new CpuObjectiveEngine(1);
        Objective on = engine.objective(c.spec(), c.options(), c.data(), c.statistics())) {
      expected = HessianProbe.measure(on, c.theta(), 3, options, new SplittableRandom(5));
    }
    double floor = expected.scalars().get("noiseFloor").value();
    expected
        .scalars()
        .forEach(
            (name, value) -> {
              if (!name.equals("noiseFloor")) {
                assertEquals(
                    value.value(),
                    actual.scalars().get(name).value(),
                    Math.max(1e-4 * Math.abs(value.value()), floor),
                    name);
              }
            });
  }
}
