package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.basin.InvalidInputException;
import org.basin.data.Examples;
import org.basin.engine.ObjectiveCase;
import org.basin.engine.ObjectiveContract;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.Parameterization;
import org.basin.train.BatchNormPolicy;
import org.basin.train.EngineLostException;
import org.basin.train.LossFunction;
import org.basin.train.Objective;
import org.basin.train.ObjectiveOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** On the emulator: the kernels themselves, on the CPU. */
class CudaObjectiveTest extends ObjectiveContract {
  /** Small chunks, so that small cases have several and a shorter last one. */
  private static final int CHUNK_ROWS = 7;

  @RegisterExtension private static final OneEmulatedGpu EMULATED = new OneEmulatedGpu();

  @Override
  protected Objective objective(ObjectiveCase c) {
    return objective(c, true);
  }

  private static CudaObjective objective(ObjectiveCase c, boolean keepAll) {
    int rows = c.data().count() > 1000 ? 500 : CHUNK_ROWS;
    return OneEmulatedGpu.objective(EMULATED.gpu(), c, rows, keepAll);
  }

  /** The first random case of each kind, and no more: the emulator takes its time. */
  static Stream<ObjectiveCase> cases() {
    Map<List<Object>, ObjectiveCase> cases = new LinkedHashMap<>();
    for (int seed = 0; cases.size() < 24; seed++) {
      ObjectiveCase c = ObjectiveCase.random(seed);
      boolean norm = c.spec().batchNorm() && c.spec().layers() > 1;
      boolean batch = c.options().batchNorm() == BatchNormPolicy.BATCH;
      cases.putIfAbsent(List.of(c.spec().activation(), c.options().loss(), norm, norm && batch), c);
    }
    return cases.values().stream();
  }

  static Stream<ObjectiveCase> few() {
    return LongStream.of(201, 203, 204, 207).mapToObj(ObjectiveCase::random);
  }

  private static float[] moved(float[] theta, int points) {
    float[] thetas = new float[points * theta.length];
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < thetas.length; i++) {
      thetas[i] = theta[i % theta.length] + 0.1f * (float) random.nextGaussian();
    }
    return thetas;
  }

  private static float[] row(float[] rows, int i, int size) {
    return Arrays.copyOfRange(rows, i * size, (i + 1) * size);
  }

  private static float[] answers(ObjectiveCase c, boolean keepAll) {
    try (Objective objective = objective(c, keepAll)) {
      return answers(c, objective);
    }
  }

  @ParameterizedTest
  @MethodSource("few")
  void theOrderOfThreadsDoesNotMatter(ObjectiveCase c) {
    float[] forward = answers(c, true);
    for (Emulator.Order order : List.of(Emulator.Order.REVERSE, Emulator.Order.SHUFFLED)) {
      Emulator.setOrder(order, 3);
      try {
        assertArrayEquals(forward, answers(c, true));
      } finally {
        Emulator.setOrder(Emulator.Order.FORWARD, 0);
      }
    }
  }

  /** Another θ, and back: what was kept of the first is not taken for the second. */
  @ParameterizedTest
  @MethodSource("few")
  void keptPassesAreThoseOfTheSameParameters(ObjectiveCase c) {
    float[] other = c.theta().clone();
    other[0] += 1;
    ObjectiveCase moved = new ObjectiveCase(c.spec(), c.options(), c.data(), c.statistics(), other);
    try (CudaObjective objective = objective(c, true)) {
      float[] first = answers(c, false);
      assertArrayEquals(first, answers(c, objective));
      assertArrayEquals(answers(moved, false), answers(moved, objective));
      assertArrayEquals(first, answers(c, objective));
      objective.loss(other);
      objective.outputs(other);
      assertArrayEquals(first, answers(c, objective));
    }
  }

  @Test
  void passesAtTheSameParametersAreMadeOnce() {
    ObjectiveCase c = ObjectiveCase.random(4); // has no batch normalisation
    try (CudaObjective objective = objective(c, true)) {
      assertTrue(objective.stack().chunks() > 1);
      float[] v = ObjectiveCase.gaussian(new SplittableRandom(1), objective.size());
      float[] product = new float[v.length];
      long before = Emulator.launches("objective_loss");
      objective.hessianVectors(c.theta(), v, 1, product);
      assertEquals(before + objective.stack().chunks(), Emulator.launches("objective_loss"));
      long products = Emulator.launches("cublasSgemm");
      objective.hessianVectors(c.theta(), v, 1, product);
      objective.gradient(c.theta(), product);
      assertEquals(before + objective.stack().chunks(), Emulator.launches("objective_loss"));
      assertEquals(
          (long) objective.stack().chunks() * (6 * c.spec().layers() - 4 + c.spec().layers()),
          Emulator.launches("cublasSgemm") - products,
          "of a tangent pass and of a gradient");
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void manyPointsAreThePointsAlone(ObjectiveCase c) {
    try (CudaObjective objective = objective(c, true);
        CudaObjective alone = objective(c, true)) {
      float[] thetas = moved(c.theta(), 5);
      double[] losses = objective.losses(thetas, 5);
      for (int i = 0; i < 5; i++) {
        assertEquals(alone.loss(row(thetas, i, objective.size())), losses[i], "loss " + i);
      }
    }
  }

  /** A point that is not finite says so, and its neighbours in the batch are not touched by it. */
  @Test
  void aPointThatIsNotANumberStaysAlone() {
    ObjectiveCase c = large(5, 20, BatchNormPolicy.BATCH);
    try (CudaObjective objective = objective(c, true)) {
      int size = objective.size();
      float[] thetas = moved(c.theta(), 3);
      thetas[size] = Float.NaN;
      double[] losses = objective.losses(thetas, 3);
      assertEquals(Double.NaN, losses[1]);
      for (int i : new int[] {0, 2}) {
        assertEquals(objective.loss(row(thetas, i, size)), losses[i]);
      }
    }
  }

  @Test
  void manyPointsAreOneBatch() {
    ObjectiveCase c = ObjectiveCase.random(4);
    try (CudaObjective objective = objective(c, true)) {
      long layers = c.spec().layers();
      long before = Emulator.launches("cublasSgemm");
      objective.losses(moved(c.theta(), 300), 300);
      assertEquals(objective.stack().chunks() * layers, Emulator.launches("cublasSgemm") - before);
    }
  }

  private static MlpSpec network(int width, boolean batchNorm) {
    return new MlpSpec(
        3,
        List.of(width, width),
        2,
        Activation.TANH,
        true,
        batchNorm,
        Initialization.HE,
        Parameterization.STANDARD,
        64);
  }

  private static ObjectiveCase large(int width, int count, BatchNormPolicy policy) {
    return ObjectiveCase.of(
        network(width, policy == BatchNormPolicy.BATCH),
        new ObjectiveOptions(LossFunction.CROSS_ENTROPY, 0.1, 0.01, policy),
        count,
        new SplittableRandom(2));
  }

  /** A GPU of so many bytes; the first of the two is at its work beside it. */
  private static GpuPool small(long bytes) {
    Emulator.setMemory(bytes);
    try {
      return EmulatedGpu.pool(1);
    } finally {
      Emulator.setMemory(1L << 30);
    }
  }

  /** As many at once as there is room for, and all of them in the end. */
  @Test
  void whatMemoryDoesNotHoldAtOnceIsDoneInParts() {
    ObjectiveCase c = large(40, 30, BatchNormPolicy.FROZEN);
    try (GpuPool pool = small(40L << 20);
        CudaObjective objective = OneEmulatedGpu.objective(pool.gpus().getFirst(), c, 30, true);
        CudaObjective roomy = OneEmulatedGpu.objective(EMULATED.gpu(), c, 30, true)) {
      int size = objective.size();
      int count = 400;
      float[] thetas = moved(c.theta(), count);
      float[] v = ObjectiveCase.gaussian(new SplittableRandom(1), count * size);
      float[] expected = new float[v.length];
      float[] actual = new float[v.length];
      assertArrayEquals(roomy.losses(thetas, count), objective.losses(thetas, count));
      long before = Emulator.launches("objective_curvature");
      roomy.hessianVectors(c.theta(), v, count, expected);
      assertEquals(1, Emulator.launches("objective_curvature") - before);
      objective.hessianVectors(c.theta(), v, count, actual);
      assertTrue(Emulator.launches("objective_curvature") - before > 2);
      assertArrayEquals(expected, actual);
    }
  }

  @Test
  void takesTheMemoryThatItPlannedAndGivesItBack() {
    ObjectiveCase c = large(40, 200, BatchNormPolicy.BATCH);
    float[] v = ObjectiveCase.gaussian(new SplittableRandom(1), 4 * c.theta().length);
    answers(c, true); // kernels are loaded
    EMULATED.gpu().enter();
    EMULATED.gpu().memory().close(); // what is allocated is what is held
    long allocated = Emulator.allocated();
    long handles = Emulator.handles();
    long free = EMULATED.gpu().memory().free();
    try (CudaObjective objective = objective(c, true)) {
      long bytes = Math.ceilDiv(objective.stack().bytes(), GpuMemory.PAGE) * GpuMemory.PAGE;
      assertEquals(bytes, Emulator.allocated() - allocated);
      objective.gradient(c.theta(), new float[objective.size()]);
      objective.hessianVectors(c.theta(), v, 1, new float[v.length]);
      objective.outputs(c.theta());
      assertEquals(bytes, Emulator.allocated() - allocated, "one at a time");
      assertEquals(bytes, free - EMULATED.gpu().memory().free());
      objective.hessianVectors(c.theta(), v, 4, new float[v.length]);
      objective.losses(v, 4);
      assertTrue(Emulator.allocated() - allocated > bytes);
      assertEquals(Emulator.allocated() - allocated, free - EMULATED.gpu().memory().free());
    }
    assertEquals(free, EMULATED.gpu().memory().free());
    EMULATED.gpu().enter();
    EMULATED.gpu().memory().close();
    assertEquals(allocated, Emulator.allocated());
    assertEquals(handles, Emulator.handles());
  }

  @Test
  void anObjectiveThatFailsToStartGivesEverythingBack() {
    ObjectiveCase c = ObjectiveCase.random(1);
    answers(c, true); // kernels are loaded
    long free = EMULATED.gpu().memory().free();
    long handles = Emulator.handles();
    for (String function : List.of("cublasSetStream", "cuStreamCreate", "cuMemcpyHtoDAsync")) {
      Emulator.fail(function, 0, 1);
      assertThrows(CudaException.class, () -> objective(c, true), function);
      assertEquals(free, EMULATED.gpu().memory().free(), function);
      assertEquals(handles, Emulator.handles(), function);
    }
    EMULATED.gpu().enter();
    EMULATED.gpu().memory().close(); // no block is kept that it could take
    Emulator.fail("cuMemAlloc", 0, 2);
    assertTrue(
        assertThrows(InvalidInputException.class, () -> objective(c, true))
            .getMessage()
            .startsWith("the objective needs 33 MiB of GPU memory, but "));
  }

  /** Before anything is allocated: a kernel that does not load. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void aKernelThatIsNotLoadedHoldsNoMemory(int before) {
    ObjectiveCase c = ObjectiveCase.random(1);
    try (GpuPool pool = small(1L << 30)) {
      Gpu fresh = pool.gpus().getFirst();
      long free = fresh.memory().free();
      Emulator.fail("cuModuleLoadData", before, 2);
      assertThrows(CudaException.class, () -> OneEmulatedGpu.objective(fresh, c, 8, true));
      assertEquals(free, fresh.memory().free());
      try (CudaObjective objective = OneEmulatedGpu.objective(fresh, c, 8, true)) {
        assertTrue(Double.isFinite(objective.loss(c.theta())));
      }
    }
  }

  /** A point that did not reach the GPU is not taken for the one that is there. */
  @Test
  void aCallThatFailedMayBeRepeated() {
    ObjectiveCase c = ObjectiveCase.random(1);
    float[] moved = moved(c.theta(), 1);
    float[] expected = new float[moved.length];
    float[] actual = new float[moved.length];
    try (CudaObjective objective = objective(c, true);
        CudaObjective fresh = objective(c, true)) {
      fresh.gradient(moved, expected);
      objective.gradient(c.theta(), actual);
      Emulator.fail("cuMemcpyHtoDAsync", 0, 2);
      assertThrows(InvalidInputException.class, () -> objective.gradient(moved, actual));
      objective.gradient(moved, actual);
      assertArrayEquals(expected, actual);
    }
  }

  /** Kernels read nothing that they have not written: not zeros of a new block, nor old values. */
  @ParameterizedTest
  @MethodSource("few")
  void whatABlockHeldBeforeDoesNotMatter(ObjectiveCase c) throws InterruptedException {
    EMULATED.gpu().enter();
    EMULATED.gpu().memory().close();
    float[] fresh = answers(c, true);
    long allocations = Emulator.calls("cuMemAlloc");
    long blocks = Emulator.allocated();
    try (DeviceArena arena = new DeviceArena(EMULATED.gpu().memory())) {
      DeviceArena.Words words = arena.reserve(GpuMemory.PAGE * 17 / 4);
      arena.allocate();
      long stream = EMULATED.gpu().driver().createStream();
      int value = Float.floatToRawIntBits(0.75f);
      EMULATED.gpu().driver().fill(words.address(), value, words.count(), stream);
      EMULATED.gpu().driver().destroyStream(stream);
    }
    assertArrayEquals(fresh, answers(c, true));
    assertEquals(allocations, Emulator.calls("cuMemAlloc"));
    assertEquals(blocks, Emulator.allocated());
  }

  /** Chunks shrink until an objective takes little of the memory; those of one sum do not. */
  @Test
  void chunksFollowMemory() {
    try (GpuPool pool = small(600L << 20)) {
      ObjectiveCase c = large(1000, 4000, BatchNormPolicy.FROZEN);
      try (CudaObjective objective =
          OneEmulatedGpu.objective(pool.gpus().getFirst(), c, ObjectiveStack.CHUNK_ROWS, true)) {
        assertEquals(
            16, objective.stack().chunks(), "of 256 rows: 1,000,000 parameters take the rest");
      }
      ObjectiveCase narrow = large(10, 4000, BatchNormPolicy.FROZEN);
      try (CudaObjective objective =
          OneEmulatedGpu.objective(
              pool.gpus().getFirst(), narrow, ObjectiveStack.CHUNK_ROWS, true)) {
        assertEquals(1, objective.stack().chunks());
      }
      ObjectiveCase coupled = large(1000, 4000, BatchNormPolicy.BATCH);
      try (CudaObjective objective =
          OneEmulatedGpu.objective(pool.gpus().getFirst(), coupled, 256, true)) {
        assertEquals(1, objective.stack().chunks());
      }
    }
  }

  private static int chunksOfSmall(ObjectiveCase c) {
    try (GpuPool pool = small(600L << 20);
        CudaObjective objective =
            OneEmulatedGpu.objective(pool.gpus().getFirst(), c, ObjectiveStack.CHUNK_ROWS, true)) {
      return objective.stack().chunks();
    }
  }

  /** So that the order in which a GPU adds does not depend on who else is on it. */
  @Test
  void chunksAreThoseOfAGpuThatIsFree() {
    ObjectiveCase c = large(100, 4000, BatchNormPolicy.FROZEN);
    int chunks = chunksOfSmall(c);
    CudaDriver driver = EMULATED.gpu().driver();
    int device = driver.device(1);
    long context = driver.retainContext(device);
    driver.setContext(context);
    long held = driver.allocate(400L << 20);
    try {
      assertEquals(chunks, chunksOfSmall(c));
    } finally {
      driver.setContext(context);
      driver.free(held);
      driver.releaseContext(device);
    }
  }

  private static String refusal(Gpu on, MlpSpec spec, BatchNormPolicy policy, Examples data) {
    ObjectiveOptions options = new ObjectiveOptions(LossFunction.MSE, 0, 0, policy);
    NetworkState none = new NetworkState(new float[0], new float[0], new float[0]);
    return assertThrows(
            InvalidInputException.class,
            () ->
                new ObjectiveStack(
                    on,
                    false,
                    new ObjectiveStack.Request(spec, options, List.of(data), List.of(none)),
                    8,
                    true,
                    true))
        .getMessage();
  }

  @Test
  void refusesWhatMemoryWouldNotHold() {
    Examples few = new Examples(new float[3], new int[1], 3, 2);
    Examples many = new Examples(new float[30_000], new int[10_000], 3, 2);
    try (GpuPool pool = small(100L << 20)) {
      assertEquals(
          "the objective needs 461 MiB of GPU memory, available: 90 MiB; allowed: a smaller model,"
              + " or fewer examples",
          refusal(pool.gpus().getFirst(), network(4_000, false), BatchNormPolicy.BATCH, few));
      assertEquals(
          "the objective needs 113 MiB of GPU memory, available: 90 MiB; allowed: a smaller model,"
              + " or fewer examples, which batch statistics couple; or frozen statistics",
          refusal(pool.gpus().getFirst(), network(100, true), BatchNormPolicy.BATCH, many));
    }
    assertEquals(
        "60,000 examples at once of 40,004 values each are too many for a GPU kernel, allowed: up"
            + " to 2,147,482,623 values",
        refusal(
            EMULATED.gpu(),
            network(40_000, true),
            BatchNormPolicy.BATCH,
            new Examples(new float[180_000], new int[60_000], 3, 2)));
  }

  @Test
  void refusesShapesThatDoNotAgree() {
    MlpSpec spec = network(2, true);
    assertEquals(
        "the network takes 3 features to 2 classes, but the examples have 2 and 2",
        refusal(
            EMULATED.gpu(),
            spec,
            BatchNormPolicy.BATCH,
            new Examples(new float[2], new int[1], 2, 2)));
    assertEquals(
        "frozen batch normalisation needs 4 running means and variances, but has 0 and 0",
        refusal(
            EMULATED.gpu(),
            spec,
            BatchNormPolicy.FROZEN,
            new Examples(new float[3], new int[1], 3, 2)));
    assertEquals(
        "an objective needs at least one example",
        refusal(
            EMULATED.gpu(),
            spec,
            BatchNormPolicy.BATCH,
            new Examples(new float[0], new int[0], 3, 2)));
    assertEquals(
        "the label of example 1 is 2, allowed: 0 to 1",
        refusal(
            EMULATED.gpu(),
            spec,
            BatchNormPolicy.BATCH,
            new Examples(new float[6], new int[] {0, 2}, 3, 2)));
  }

  /** Batches of a probe may be opened by one thread and used by another. */
  @Test
  void worksOnAnyThread() throws InterruptedException {
    ObjectiveCase c = ObjectiveCase.random(3);
    try (CudaObjective objective = objective(c, true)) {
      double here = objective.loss(c.theta());
      AtomicReference<Double> there = new AtomicReference<>();
      Thread thread = new Thread(() -> there.set(objective.loss(c.theta())));
      thread.start();
      thread.join();
      assertEquals(here, there.get());
    }
  }

  @Test
  void aLostGpuIsToldOf() {
    ObjectiveCase c = ObjectiveCase.random(3);
    try (GpuPool pool = small(1L << 30)) {
      CudaObjective objective = OneEmulatedGpu.objective(pool.gpus().getFirst(), c, 8, true);
      objective.loss(c.theta());
      Emulator.lose("cuStreamSynchronize", 0, 719);
      String message =
          assertThrows(EngineLostException.class, () -> objective.loss(c.theta())).getMessage();
      assertTrue(message.startsWith("Emulated GPU 1 ") && message.contains(" is lost: "), message);
      assertThrows(EngineLostException.class, objective::close);
    } finally {
      EMULATED.close();
      EMULATED.open();
    }
  }

  @Test
  void anInterruptEndsTheWaitForMemory() throws InterruptedException {
    ObjectiveCase c = ObjectiveCase.random(3);
    try (GpuPool pool = small(100L << 20);
        DeviceArena others = new DeviceArena(pool.gpus().getFirst().memory())) {
      others.reserve(20L << 20);
      // By another thread: one that holds memory itself does not wait for more.
      assertTrue(
          CompletableFuture.supplyAsync(
                  () -> {
                    pool.gpus().getFirst().enter();
                    return others.tryAllocate();
                  })
              .join());
      Thread.currentThread().interrupt();
      assertThrows(
          CancellationException.class,
          () -> OneEmulatedGpu.objective(pool.gpus().getFirst(), c, 8, true));
      assertTrue(Thread.interrupted());
    }
  }

  @Test
  void theEngineAnswersObjectives() {
    ObjectiveCase c = ObjectiveCase.random(3);
    try (CudaObjectiveEngine engine = new CudaObjectiveEngine(EmulatedGpu.pool(0), true);
        CudaObjective expected =
            OneEmulatedGpu.objective(EMULATED.gpu(), c, ObjectiveStack.CHUNK_ROWS, true)) {
      assertEquals("tf32", engine.description().precision());
      try (Objective objective =
          engine.objective(c.spec(), c.options(), c.data(), c.statistics())) {
        // The emulator's products are in single precision either way.
        assertEquals(expected.loss(c.theta()), objective.loss(c.theta()));
      }
    }
  }
}
