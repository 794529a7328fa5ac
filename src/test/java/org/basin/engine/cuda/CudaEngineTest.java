package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.basin.InvalidInputException;
import org.basin.engine.Replicas;
import org.basin.train.Devices;
import org.basin.train.EngineLostException;
import org.basin.train.EngineOptions;
import org.basin.train.Precision;
import org.basin.train.TrainingOutcome;
import org.basin.train.TrainingProgress;
import org.basin.train.TrainingSnapshot;
import org.basin.train.TrainingTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the engine does when several stacks, GPUs or failures come together. */
class CudaEngineTest {
  private static final int OUT_OF_MEMORY = 2;
  private static final int DEVICE_UNAVAILABLE = 46;
  private static final int UNSUPPORTED_PTX_VERSION = 222;
  private static final int ILLEGAL_ADDRESS = 700;
  private static final int NOT_SUPPORTED = 801;
  private static final int COMPILATION = 6; // of NVRTC
  private static final int NOT_INITIALIZED = 1; // of cuBLAS, as the next two
  private static final int EXECUTION_FAILED = 13;
  private static final int INTERNAL_ERROR = 14;

  @BeforeEach
  void start() {
    EmulatedGpu.require();
  }

  @AfterEach
  void nothingIsLeft() {
    if (Emulator.problem() == null) {
      long allocated = Emulator.allocated();
      long handles = Emulator.handles();
      Emulator.reset();
      assertEquals(0, allocated, "bytes");
      assertEquals(0, handles, "streams, graphs, modules");
    }
  }

  private static List<TrainingTask> stack(int count) {
    return stack(count, List.of(7, 5));
  }

  private static List<TrainingTask> stack(int count, List<Integer> hidden) {
    List<TrainingTask> tasks = new ArrayList<>();
    for (int r = 0; r < count; r++) {
      Replicas replicas = new Replicas();
      replicas.hidden = hidden;
      replicas.seed = r;
      replicas.epochs = 4;
      tasks.add(replicas.task());
    }
    return tasks;
  }

  private static void assertSame(List<TrainingOutcome> expected, List<TrainingOutcome> actual) {
    assertEquals(expected.size(), actual.size());
    for (int r = 0; r < expected.size(); r++) {
      assertArrayEquals(expected.get(r).state().parameters(), actual.get(r).state().parameters());
      assertEquals(expected.get(r).history(), actual.get(r).history());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 227 << 10}) // layer by layer, and all steps of a call in one launch
  void everyOrderOfThreadsGivesTheSameBits(int sharedMemory) throws InterruptedException {
    Emulator.setCapability(9, 0, sharedMemory);
    try (CudaEngine engine = new CudaEngine(EmulatedGpu.pool(0), false)) {
      List<TrainingOutcome> forward = engine.train(stack(2), TrainingProgress.NONE);
      Emulator.setOrder(Emulator.Order.REVERSE, 0);
      assertSame(forward, engine.train(stack(2), TrainingProgress.NONE));
      Emulator.setOrder(Emulator.Order.SHUFFLED, 7);
      assertSame(forward, engine.train(stack(2), TrainingProgress.NONE));
    }
  }

  @Test
  void stacksOfSeveralThreadsGoToSeveralGpus() throws Exception {
    try (CudaEngine engine = new CudaEngine(EmulatedGpu.pool(), false);
        ExecutorService threads = Executors.newFixedThreadPool(4)) {
      assertTrue(engine.description().device().startsWith("2 GPUs: "), "both are used");
      assertEquals(32, engine.stacksAtOnce(), "shapes of few replicas fill a GPU together");
      List<TrainingOutcome> alone = engine.train(stack(3), TrainingProgress.NONE);
      List<Future<List<TrainingOutcome>>> running = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        running.add(threads.submit(() -> engine.train(stack(3), TrainingProgress.NONE)));
      }
      for (Future<List<TrainingOutcome>> outcomes : running) {
        assertSame(alone, outcomes.get());
      }
    }
  }

  /** As a probe does that looks at a network in training, on the GPU with the least work. */
  @Test
  void whatIsDoneOnAnotherGpuBetweenStepsDisturbsNothing() throws InterruptedException {
    try (GpuPool both = EmulatedGpu.pool();
        CudaEngine engine = new CudaEngine(EmulatedGpu.pool(0), false)) {
      List<TrainingOutcome> undisturbed = engine.train(stack(2), TrainingProgress.NONE);
      TrainingProgress elsewhere =
          new TrainingProgress() {
            @Override
            public void stepsDone(long steps) {}

            @Override
            public long nextSnapshot(long step) {
              return step;
            }

            @Override
            public void snapshot(TrainingTask task, TrainingSnapshot snapshot) {
              both.gpus().get(1).enter();
            }
          };
      assertSame(undisturbed, engine.train(stack(2), elsewhere));
    }
  }

  @Test
  void anAllocationThatFailsShrinksTheStack() throws InterruptedException {
    List<TrainingOutcome> whole;
    try (CudaEngine engine = new CudaEngine(EmulatedGpu.pool(0), false)) {
      whole = engine.train(stack(4), TrainingProgress.NONE);
    }
    assertEquals(1, Emulator.calls("cuMemAlloc"));
    Emulator.fail("cuMemAlloc_v2", 0, OUT_OF_MEMORY);
    try (CudaEngine engine = new CudaEngine(EmulatedGpu.pool(0), false)) {
      assertSame(whole, engine.train(stack(4), TrainingProgress.NONE));
    }
    assertEquals(3, Emulator.calls("cuMemAlloc"), "refused, a half, and the other in its place");
  }

  @Test
  void aStackThatWouldNotFitIsTrainedInParts() throws InterruptedException {
    List<TrainingOutcome> whole;
    try (CudaEngine engine = new CudaEngine(EmulatedGpu.pool(0), false)) {
      whole = engine.train(stack(4, List.of(300, 300)), TrainingProgress.NONE);
    }
    // The engine takes nine tenths of what is free: one byte less than the whole stack needs.
    Emulator.setMemory((Emulator.peak() - 1) * 10 / 9);
    try (CudaEngine engine = new CudaEngine(EmulatedGpu.pool(0), false)) {
      assertSame(whole, engine.train(stack(4, List.of(300, 300)), TrainingProgress.NONE));
    }
    assertEquals(2, Emulator.calls("cuMemAlloc"), "the whole, then a half that both halves take");
  }

  /** Kernels read nothing that they have not written: not zeros of a new block, nor old values. */
  @ParameterizedTest
  @ValueSource(ints = {0, 227 << 10}) // layer by layer, and all steps of a call in one launch
  void stacksOfASweepTakeOneBlockWhateverItHolds(int sharedMemory) throws InterruptedException {
    Emulator.setCapability(9, 0, sharedMemory);
    List<List<Integer>> sweep = List.of(List.of(7, 5), List.of(6, 5), List.of(8, 6), List.of(7, 5));
    List<List<TrainingOutcome>> alone = new ArrayList<>();
    for (List<Integer> hidden : sweep) {
      try (CudaEngine engine = new CudaEngine(EmulatedGpu.pool(0), false)) {
        alone.add(engine.train(stack(3, hidden), TrainingProgress.NONE));
      }
    }
    assertEquals(sweep.size(), Emulator.calls("cuMemAlloc"));
    GpuPool pool = EmulatedGpu.pool(0);
    try (CudaEngine engine = new CudaEngine(pool, false)) {
      long freed = Emulator.calls("cuMemFree");
      long locked = Emulator.calls("cuMemHostAlloc");
      for (int i = 0; i < sweep.size(); i++) {
        assertSame(alone.get(i), engine.train(stack(3, sweep.get(i)), TrainingProgress.NONE));
        litter(pool.gpus().getFirst());
      }
      assertEquals(sweep.size() + 1, Emulator.calls("cuMemAlloc"));
      assertEquals(freed, Emulator.calls("cuMemFree"));
      assertEquals(locked + 1, Emulator.calls("cuMemHostAlloc"));
    }
    assertEquals(Emulator.calls("cuMemHostAlloc"), Emulator.calls("cuMemFreeHost"));
    assertEquals(Emulator.calls("cuMemAlloc"), Emulator.calls("cuMemFree"), "with the engine");
  }

  /** Fills what a stack has given back with numbers that would be taken for its own. */
  private static void litter(Gpu gpu) throws InterruptedException {
    try (DeviceArena arena = new DeviceArena(gpu.memory())) {
      DeviceArena.Words words = arena.reserve(Emulator.allocated() / 4);
      arena.allocate();
      try (Stream stream = new Stream(gpu)) {
        stream.fill(words, 0.75f);
      }
    }
  }

  @Test
  void aNetworkThatNoGpuHoldsIsRefused() {
    Emulator.setMemory(1 << 20);
    try (CudaEngine engine = new CudaEngine(EmulatedGpu.pool(0), false)) {
      String message =
          assertThrows(
                  InvalidInputException.class, () -> engine.train(stack(2), TrainingProgress.NONE))
              .getMessage();
      assertTrue(
          message.matches(
              "a network of this size does not fit: \\d+ MiB of GPU memory are needed, available:"
                  + " \\d+ MiB; allowed: a smaller model or batch"),
          message);
    }
  }

  @Test
  void aGpuThatDisappearsIsToldOf() {
    try (CudaEngine engine = new CudaEngine(EmulatedGpu.pool(0), false)) {
      Emulator.lose("cuStreamSynchronize", 6, ILLEGAL_ADDRESS);
      String message =
          assertThrows(
                  EngineLostException.class, () -> engine.train(stack(2), TrainingProgress.NONE))
              .getMessage();
      assertTrue(
          message.startsWith("Emulated GPU 0 (compute capability 9.0) (cuda:0) is lost: ")
              && message.contains("CUDA_ERROR_ILLEGAL_ADDRESS"),
          message);
      Emulator.reset(); // what a lost GPU held is gone with it
    }
  }

  private static String troubleOfTraining(CudaEngine engine) {
    String message =
        assertThrows(EngineLostException.class, () -> engine.train(stack(2), TrainingProgress.NONE))
            .getMessage();
    assertEquals(1, message.lines().count(), message);
    return message;
  }

  @Test
  void kernelsThatDoNotCompileAreToldOfInOneLine(@TempDir Path empty) {
    EngineOptions options = new EngineOptions(new Devices(true, List.of(0)), Precision.FLOAT32);
    GpuPool pool = GpuPool.of(EmulatedGpu.search(), options, new KernelCache(empty));
    try (CudaEngine engine = new CudaEngine(pool, false)) {
      Emulator.fail("nvrtcCompileProgram", 0, COMPILATION);
      String message = troubleOfTraining(engine);
      assertTrue(
          message.startsWith(
                  "Emulated GPU 0 (compute capability 9.0) (cuda:0) cannot be computed on:"
                      + " compiling ")
              && message.contains("NVRTC_ERROR_COMPILATION")
              && message.contains("basin doctor"),
          message);
    }
  }

  @Test
  void kernelsThatTheDriverDoesNotTakeAreToldOfInOneLine() {
    try (CudaEngine engine = new CudaEngine(EmulatedGpu.pool(0), false)) {
      Emulator.fail("cuModuleLoadData", 0, UNSUPPORTED_PTX_VERSION);
      Emulator.fail("cuModuleLoadData", 0, UNSUPPORTED_PTX_VERSION);
      String message = troubleOfTraining(engine);
      assertTrue(message.contains("cannot be computed on: cuModuleLoadData failed"), message);
    }
  }

  /** As real ones do, which tell of a lost GPU by a status that may mean anything. */
  @ParameterizedTest
  @ValueSource(ints = {EXECUTION_FAILED, INTERNAL_ERROR})
  void aProductThatFailsOnALostGpuTellsThatItIsLost(int status) {
    Emulator.setCapability(9, 0, 0);
    try (CudaEngine engine = new CudaEngine(EmulatedGpu.pool(0), false)) {
      Emulator.fail("cublasSgemmStridedBatched", 5, status);
      Emulator.lose("cuMemGetInfo_v2", 0, ILLEGAL_ADDRESS);
      String message = troubleOfTraining(engine);
      assertTrue(message.contains("is lost: ") && message.contains("ILLEGAL_ADDRESS"), message);
      Emulator.reset();
    }
  }

  @Test
  void aHandleOfProductsForWhichThereIsNoMemoryShrinksTheStack() throws InterruptedException {
    try (CudaEngine whole = new CudaEngine(EmulatedGpu.pool(0), false);
        CudaEngine engine = new CudaEngine(EmulatedGpu.pool(1), false)) {
      List<TrainingOutcome> expected = whole.train(stack(4), TrainingProgress.NONE);
      Emulator.setMemory(64L << 20);
      Emulator.fail("cublasCreate_v2", 0, NOT_INITIALIZED);
      assertSame(expected, engine.train(stack(4), TrainingProgress.NONE));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {NOT_SUPPORTED, OUT_OF_MEMORY}) // whole: half a stack has as long a graph
  void stepsThatCannotBeRecordedAreDoneAllTheSame(int code) throws InterruptedException {
    Emulator.setCapability(9, 0, 0); // layer by layer
    try (CudaEngine engine = new CudaEngine(EmulatedGpu.pool(0), false)) {
      List<TrainingOutcome> recorded = engine.train(stack(2), TrainingProgress.NONE);
      long streams = Emulator.calls("cuStreamCreate");
      Emulator.fail("cuGraphInstantiateWithFlags", 0, code);
      assertSame(recorded, engine.train(stack(2), TrainingProgress.NONE));
      assertEquals(streams + 1, Emulator.calls("cuStreamCreate"), "one stack");
    }
  }

  /** One that shows a desktop ends a kernel after seconds: blocks that are not at once, wait. */
  @Test
  void aGpuThatLimitsTimeTakesAWaveOfReplicasAtOnce() throws InterruptedException {
    List<TrainingOutcome> whole;
    try (CudaEngine engine = new CudaEngine(EmulatedGpu.pool(0), false)) {
      whole = engine.train(stack(5), TrainingProgress.NONE);
    }
    long launches = Emulator.launches("persistent_steps");
    CudaPlatform found = EmulatedGpu.search().platform();
    GpuDescription gpu = found.gpus().getFirst();
    GpuDescription small =
        new GpuDescription(
            0, gpu.name(), gpu.capability(), 2, gpu.sharedMemory(), gpu.memory(), true);
    CudaPlatform desktop =
        new CudaPlatform(found.driver(), found.nvrtc(), found.cublas(), List.of(small));
    GpuPool pool =
        GpuPool.of(
            new CudaPlatform.Search(desktop, null), EngineOptions.DEFAULTS, EmulatedGpu.cache());
    try (CudaEngine engine = new CudaEngine(pool, false)) {
      assertSame(whole, engine.train(stack(5), TrainingProgress.NONE));
    }
    assertEquals(3 * launches, Emulator.launches("persistent_steps") - launches);
  }

  @Test
  void aGpuThatOthersHoldIsRefused() {
    Emulator.fail("cuDevicePrimaryCtxRetain", 0, DEVICE_UNAVAILABLE);
    String message =
        assertThrows(InvalidInputException.class, () -> EmulatedGpu.pool(1)).getMessage();
    assertTrue(
        message.startsWith("Emulated GPU 1 (compute capability 9.0) (cuda:1) cannot be used: ")
            && message.contains("nvidia-smi"),
        message);
  }

  @Test
  void anInterruptionLeavesNothing() {
    try (CudaEngine engine = new CudaEngine(EmulatedGpu.pool(0), false)) {
      Thread.currentThread().interrupt();
      assertThrows(InterruptedException.class, () -> engine.train(stack(2), TrainingProgress.NONE));
    }
  }
}
