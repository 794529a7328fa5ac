package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import org.basin.InvalidInputException;
import org.basin.data.Examples;
import org.basin.engine.ObjectiveCase;
import org.basin.landscape.curvature.HessianOptions;
import org.basin.landscape.curvature.HessianProbe;
import org.basin.linalg.KrylovSequences;
import org.basin.measurement.Measurement;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.Parameterization;
import org.basin.train.BatchNormPolicy;
import org.basin.train.Curvature;
import org.basin.train.EngineLostException;
import org.basin.train.LossFunction;
import org.basin.train.Objective;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ObjectiveGatheringTest {
  private GpuPool gpus;
  private CudaObjectiveEngine engine;
  private final Executor threads = task -> Thread.ofPlatform().start(task);

  @BeforeEach
  void open() {
    EmulatedGpu.require();
    gpus = EmulatedGpu.pool(0);
    engine = new CudaObjectiveEngine(gpus, false);
  }

  @AfterEach
  void close() {
    if (engine != null) {
      engine.close();
      Emulator.reset();
    }
  }

  /** What a thread does with the engine of its own. */
  private interface Work<T> {
    T with(ObjectiveEngine own, int member);
  }

  private <T> List<CompletableFuture<T>> sideBySide(int count, Work<T> work) {
    List<ObjectiveEngine> engines = engine.sideBySide().orElseThrow().engines(count);
    List<CompletableFuture<T>> results = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int member = i;
      ObjectiveEngine own = engines.get(i);
      results.add(
          CompletableFuture.supplyAsync(
              () -> {
                try (own) {
                  return work.with(own, member);
                }
              },
              threads));
    }
    return results;
  }

  private static MlpSpec network() {
    return new MlpSpec(
        6,
        List.of(12, 12),
        3,
        Activation.TANH,
        true,
        false,
        Initialization.HE,
        Parameterization.STANDARD,
        64);
  }

  static List<ObjectiveCase> cases(int count) {
    ObjectiveOptions options =
        new ObjectiveOptions(LossFunction.CROSS_ENTROPY, 0.1, 0.01, BatchNormPolicy.FROZEN);
    List<ObjectiveCase> cases = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      cases.add(ObjectiveCase.of(network(), options, 60, new SplittableRandom(3 + i)));
    }
    return cases;
  }

  private static Objective objective(ObjectiveEngine engine, ObjectiveCase c) {
    return engine.objective(c.spec(), c.options(), c.data(), c.statistics());
  }

  static Measurement measure(ObjectiveEngine engine, ObjectiveCase c) {
    HessianOptions options = new HessianOptions(4, 2, 6, 2, 20, 0, false);
    try (Objective objective = objective(engine, c)) {
      return HessianProbe.measure(objective, c.theta(), 3, options, new SplittableRandom(1));
    }
  }

  /** The same numbers, of hardly more launches than one network needs. */
  @Test
  void spectraOfSeveralNetworksAreThoseOfEachAlone() {
    List<ObjectiveCase> cases = cases(6);
    List<Measurement> alone = new ArrayList<>();
    long start = launches();
    for (ObjectiveCase c : cases) {
      alone.add(measure(engine, c));
    }
    long each = (launches() - start) / 6;
    start = launches();
    List<CompletableFuture<Measurement>> together =
        sideBySide(6, (own, member) -> measure(own, cases.get(member)));
    for (int i = 0; i < 6; i++) {
      Measurement measured = together.get(i).join();
      assertEquals(alone.get(i).scalars(), measured.scalars());
      assertArrayEquals(
          alone.get(i).tables().getFirst().rows().toArray(),
          measured.tables().getFirst().rows().toArray());
    }
    long all = launches() - start;
    assertTrue(all < 3 * each, "launches: %d for six, %d for one".formatted(all, each));
  }

  /** Of products alone and of what was recorded. */
  private static long launches() {
    return Emulator.launches("cublasSgemm") + Emulator.launches("graph");
  }

  @Test
  void shapesThatDifferAreAnsweredEachByItself() {
    List<ObjectiveCase> cases = new ArrayList<>(cases(2));
    ObjectiveCase c = ObjectiveCase.random(4);
    cases.add(c);
    List<CompletableFuture<Double>> losses =
        sideBySide(
            3,
            (own, member) -> {
              try (Objective objective = objective(own, cases.get(member))) {
                return objective.loss(cases.get(member).theta());
              }
            });
    for (int i = 0; i < 3; i++) {
      try (Objective alone = objective(engine, cases.get(i))) {
        assertEquals(alone.loss(cases.get(i).theta()), losses.get(i).join());
      }
    }
  }

  @Test
  void memoryIsGivenBackWhenAllAreDone() {
    List<ObjectiveCase> cases = cases(3);
    long free = gpus.gpus().getFirst().memory().free();
    sideBySide(3, (own, member) -> measure(own, cases.get(member)))
        .forEach(CompletableFuture::join);
    assertEquals(free, gpus.gpus().getFirst().memory().free());
  }

  /** One network that cannot be measured is refused alone. */
  @Test
  void aNetworkThatIsRefusedLeavesTheOthers() {
    List<ObjectiveCase> cases = cases(2);
    Examples none = new Examples(new float[0], new int[0], 6, 3);
    List<CompletableFuture<Double>> losses =
        sideBySide(
            3,
            (own, member) -> {
              ObjectiveCase c = cases.get(member % 2);
              Examples data = member == 2 ? none : c.data();
              try (Objective objective =
                  own.objective(c.spec(), c.options(), data, c.statistics())) {
                return objective.loss(c.theta());
              }
            });
    assertTrue(Double.isFinite(losses.get(0).join()));
    assertTrue(Double.isFinite(losses.get(1).join()));
    assertInstanceOf(
        InvalidInputException.class,
        assertThrows(CompletionException.class, losses.get(2)::join).getCause());
  }

  /** What does not fit in one stack is computed in several, and what fits in none is refused. */
  @Test
  void aStackThatDoesNotFitIsCut() {
    List<ObjectiveCase> cases = cases(4);
    Emulator.fail("cuMemAlloc", 0, 2);
    List<CompletableFuture<Double>> losses =
        sideBySide(
            4,
            (own, member) -> {
              try (Objective objective = objective(own, cases.get(member))) {
                return objective.loss(cases.get(member).theta());
              }
            });
    losses.forEach(CompletableFuture::join);
    for (int i = 0; i < 4; i++) {
      try (Objective alone = objective(engine, cases.get(i))) {
        assertEquals(alone.loss(cases.get(i).theta()), losses.get(i).join());
      }
    }
  }

  /** Wherever it is interrupted, a network takes no other with it and leaves nothing behind. */
  @RepeatedTest(3)
  void whoIsInterruptedLeavesTheOthersAndNoMemory(RepetitionInfo repetition) throws Exception {
    List<ObjectiveCase> cases = cases(4);
    Measurement expected = measure(engine, cases.getFirst());
    GpuMemory memory = gpus.gpus().getFirst().memory();
    long free = memory.free();
    long handles = Emulator.handles();
    Thread[] own = new Thread[4];
    CountDownLatch begun = new CountDownLatch(4);
    List<CompletableFuture<Measurement>> together =
        sideBySide(
            4,
            (mine, member) -> {
              own[member] = Thread.currentThread();
              begun.countDown();
              return measure(mine, cases.get(member));
            });
    begun.await();
    SplittableRandom random = new SplittableRandom(repetition.getCurrentRepetition());
    for (int member = 1; member < 4; member++) {
      Thread.sleep(random.nextInt(60));
      own[member].interrupt();
    }
    assertEquals(expected.scalars(), together.getFirst().join().scalars());
    for (CompletableFuture<Measurement> each : together.subList(1, 4)) {
      Throwable failure = each.handle((_, thrown) -> thrown).join();
      if (failure != null) {
        assertInstanceOf(CancellationException.class, failure.getCause());
      }
    }
    assertEquals(free, memory.free());
    assertEquals(handles, Emulator.handles());
  }

  /** What one network's recurrences find no room for, the others' have. */
  @Test
  void recurrencesThatFailLeaveThoseOfOthers() {
    List<ObjectiveCase> cases = cases(2);
    GpuMemory memory = gpus.gpus().getFirst().memory();
    long free = memory.free();
    List<CompletableFuture<Integer>> dimensions =
        sideBySide(
            2,
            (own, member) -> {
              ObjectiveCase c = cases.get(member);
              try (Objective objective = objective(own, c)) {
                if (member == 0) {
                  Emulator.fail("cuMemcpyHtoDAsync", 1, 2); // the other waits for this one to ask
                }
                return dimension(objective, c.theta());
              }
            });
    List<Integer> failed = new ArrayList<>();
    for (CompletableFuture<Integer> each : dimensions) {
      failed.add(each.handle((dimension, failure) -> failure == null ? dimension : -1).join());
    }
    assertEquals(List.of(1, -1), failed);
    assertEquals(free, memory.free());
  }

  private static int dimension(Objective objective, float[] theta) {
    float[][] known = {new float[objective.size()]};
    try (KrylovSequences sequences = objective.sequences(Curvature.HESSIAN, theta, known, 1, 4)) {
      return sequences.dimension(0);
    }
  }

  @Test
  void aGpuThatIsLostIsLostToAll() {
    List<ObjectiveCase> cases = cases(3);
    List<CompletableFuture<Double>> losses =
        sideBySide(
            3,
            (own, member) -> {
              ObjectiveCase c = cases.get(member);
              Objective objective = objective(own, c);
              if (member == 0) {
                Emulator.fail("cuStreamSynchronize", 0, 700);
              }
              return objective.loss(c.theta());
            });
    for (CompletableFuture<Double> each : losses) {
      assertInstanceOf(
          EngineLostException.class,
          assertThrows(CompletionException.class, each::join).getCause());
    }
  }

  private static MlpSpec ofWidth(int width) {
    return new MlpSpec(
        784,
        List.of(width, width),
        10,
        Activation.RELU,
        true,
        false,
        Initialization.HE,
        Parameterization.STANDARD,
        64);
  }

  @Test
  void groupsFollowMemory() {
    assertEquals(64, engine.sideBySide().orElseThrow().most(network(), 100));
    assertEquals(1, engine.sideBySide().orElseThrow().most(ofWidth(1024), 60_000));
    assertEquals(2, engine.sideBySide().orElseThrow().groups());
  }

  /** Vectors of 180 million values are few at once on the largest GPU. */
  @Test
  void groupsFollowTheLengthOfVectors() {
    Emulator.setMemory(80L << 30);
    try (CudaObjectiveEngine large = new CudaObjectiveEngine(EmulatedGpu.pool(1), false)) {
      assertEquals(12, large.sideBySide().orElseThrow().most(ofWidth(1024), 1000));
      assertEquals(1, large.sideBySide().orElseThrow().most(ofWidth(13_000), 1000));
    }
  }
}
