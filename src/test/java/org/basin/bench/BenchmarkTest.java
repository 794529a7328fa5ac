package org.basin.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.basin.Machine;
import org.basin.engine.Resources;
import org.basin.model.NetworkState;
import org.basin.train.EngineDescription;
import org.basin.train.LossEvaluation;
import org.basin.train.Subset;
import org.basin.train.TrainableStack;
import org.basin.train.TrainingEngine;
import org.basin.train.TrainingLoop;
import org.basin.train.TrainingOutcome;
import org.basin.train.TrainingProgress;
import org.basin.train.TrainingTask;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Measures an engine whose times are known, by a clock of its own on every thread. */
class BenchmarkTest {
  private static final long STEP_NANOS = 2_000_000;
  private static final long EXAMPLE_NANOS = 10_000;
  private static final double SGEMM_GFLOPS_OF_A_CORE = 8;

  private static final ThreadLocal<Long> NOW = ThreadLocal.withInitial(() -> 0L);

  private final Benchmark benchmark =
      new Benchmark(
          new ClockworkEngine(1),
          (m, n, k, batch, seconds) -> SGEMM_GFLOPS_OF_A_CORE,
          new Resources(Machine.cores(), false),
          2 * Machine.cores(),
          0.25,
          NOW::get);

  /** Of an engine whose stacks take as long as one replica, as on a GPU that is not full. */
  private static Benchmark ofStacks(int gpus, int stackSize, int replicas, SgemmRate rate) {
    return new Benchmark(
        new ClockworkEngine(stackSize), rate, new Resources(gpus, true), replicas, 0.25, NOW::get);
  }

  @Test
  void aStepIsTimedWithoutEvaluationsAndCoresWorkSideBySide() throws InterruptedException {
    TrainingMeasurement row = benchmark.training(4);
    double expected = STEP_NANOS * 1e-3 / Machine.cores();
    assertEquals(expected, row.microsPerReplicaStep(), 1e-6 * expected);
    double operations = 2.0 * 128 * (3 * (160 + 16 + 40) - 160);
    assertEquals(operations / row.microsPerReplicaStep() * 1e-3, row.gflops(), 1e-9);
    assertEquals(SGEMM_GFLOPS_OF_A_CORE * Machine.cores(), row.sgemmGflops(), 1e-9);
    assertEquals(row.gflops() / row.sgemmGflops(), row.shareOfSgemm(), 1e-12);
  }

  @Test
  void anEvaluationIsTimedWithoutTheStepBeforeIt() throws InterruptedException {
    EvaluationMeasurement row = benchmark.evaluation(4);
    double expected = row.examples() * EXAMPLE_NANOS * 1e-3 / Machine.cores();
    assertEquals(4000, row.examples());
    assertEquals(expected, row.microsPerEvaluation(), 1e-6 * expected);
  }

  @Test
  void theStepsOfAStackAreThoseOfAllItsReplicas() throws InterruptedException {
    List<String> products = new CopyOnWriteArrayList<>();
    SgemmRate rate =
        (m, n, k, batch, seconds) -> {
          products.add(m + "x" + n + "x" + k + " of " + batch);
          return 1000;
        };
    TrainingMeasurement row = ofStacks(1, 256, 64, rate).training(4);
    assertEquals(64, row.replicas());
    double expected = STEP_NANOS * 1e-3 / 64;
    assertEquals(expected, row.microsPerReplicaStep(), 1e-6 * expected);
    assertEquals(1e6 / expected, row.replicaStepsPerSecond(), 1e-6 * 1e6 / expected);
    assertEquals(1000, row.sgemmGflops());
    assertEquals(
        List.of("128x4x4 of 64", "4096x4096x4096 of 1"), products.stream().distinct().toList());
  }

  /** 64 replicas in stacks of 16 at most, and two at work: four stacks, two behind one another. */
  @Test
  void severalGpusTrainSeveralStacks() throws InterruptedException {
    Benchmark two = ofStacks(2, 16, 64, (m, n, k, batch, seconds) -> 1000);
    TrainingMeasurement row = two.training(4);
    double expected = STEP_NANOS * 1e-3 / 32;
    assertEquals(expected, row.microsPerReplicaStep(), 1e-6 * expected);
    assertEquals(2000, row.sgemmGflops(), "both GPUs'");
    assertEquals(1, two.leastShareOfCores(), "workers wait for GPUs");

    // As few replicas as GPUs could be one stack, which would leave a GPU idle.
    row = ofStacks(2, 16, 2, (m, n, k, batch, seconds) -> 1000).training(4);
    expected = STEP_NANOS * 1e-3 / 2;
    assertEquals(expected, row.microsPerReplicaStep(), 1e-6 * expected);
  }

  private record ClockworkEngine(int stackSize) implements TrainingEngine {
    @Override
    public EngineDescription description() {
      return new EngineDescription("clockwork", "none", "float32", "none");
    }

    @Override
    public List<TrainingOutcome> train(List<TrainingTask> stack, TrainingProgress progress)
        throws InterruptedException {
      return TrainingLoop.run(stack, new ClockworkStack(stack), progress);
    }

    @Override
    public void close() {}
  }

  /** Takes its time, whatever the number of its replicas. */
  private record ClockworkStack(List<TrainingTask> tasks) implements TrainableStack {
    @Override
    public int size() {
      return tasks.size();
    }

    @Override
    public void step(
        int[][] orders, int from, int batch, double[][] learningRates, double[] norms) {
      pass(STEP_NANOS * learningRates[0].length);
      Arrays.fill(norms, 1);
    }

    @Override
    public LossEvaluation[] evaluate(Subset subset, boolean smoothed) {
      pass(EXAMPLE_NANOS * subset.of(tasks.getFirst().data()).count());
      LossEvaluation[] all = new LossEvaluation[tasks.size()];
      Arrays.fill(all, new LossEvaluation(1, 0.5));
      return all;
    }

    @Override
    public NetworkState state(int r) {
      return new NetworkState(new float[0], new float[0], new float[0]);
    }

    @Override
    public float @Nullable [] secondMoment(int r) {
      return null;
    }

    @Override
    public void restore(int r, NetworkState state) {}

    @Override
    public void keep(int[] replicas) {}

    @Override
    public void close() {}

    private static void pass(long nanos) {
      NOW.set(NOW.get() + nanos);
    }
  }
}
