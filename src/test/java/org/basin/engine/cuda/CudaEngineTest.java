package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.basin.InvalidInputException;
import org.basin.engine.Replicas;
import org.basin.train.EngineLostException;
import org.basin.train.TrainingOutcome;
import org.basin.train.TrainingProgress;
import org.basin.train.TrainingSnapshot;
import org.basin.train.TrainingTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the engine does when several stacks, GPUs or failures come together. */
class CudaEngineTest {
  private static final int OUT_OF_MEMORY = 2;
  private static final int ILLEGAL_ADDRESS = 700;

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
    List<TrainingTask> tasks = new ArrayList<>();
    for (int r = 0; r < count; r++) {
      Replicas replicas = new Replicas();
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
    try (CudaEngine engine = new CudaEngine(EmulatedGpu.pool(0), false)) {
      List<TrainingOutcome> whole = engine.train(stack(4), TrainingProgress.NONE);
      Emulator.fail("cuMemAlloc_v2", 0, OUT_OF_MEMORY);
      assertSame(whole, engine.train(stack(4), TrainingProgress.NONE));
    }
  }

  @Test
  void aStackThatWouldNotFitIsTrainedInParts() throws InterruptedException {
    List<TrainingOutcome> whole;
    try (CudaEngine engine = new CudaEngine(EmulatedGpu.pool(0), false)) {
      whole = engine.train(stack(4), TrainingProgress.NONE);
    }
    // The engine takes nine tenths of what is free: one byte less than the whole stack needs.
    Emulator.setMemory((Emulator.peak() - 1) * 10 / 9);
    try (CudaEngine engine = new CudaEngine(EmulatedGpu.pool(0), false)) {
      assertSame(whole, engine.train(stack(4), TrainingProgress.NONE));
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

  @Test
  void anInterruptionLeavesNothing() {
    try (CudaEngine engine = new CudaEngine(EmulatedGpu.pool(0), false)) {
      Thread.currentThread().interrupt();
      assertThrows(InterruptedException.class, () -> engine.train(stack(2), TrainingProgress.NONE));
    }
  }
}
