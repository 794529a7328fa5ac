package org.basin.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.basin.Machine;
import org.basin.data.Examples;
import org.basin.model.NetworkState;
import org.basin.train.EngineDescription;
import org.basin.train.TrainableNetwork;
import org.basin.train.TrainingEngine;
import org.basin.train.TrainingLoop;
import org.basin.train.TrainingOutcome;
import org.basin.train.TrainingProgress;
import org.basin.train.TrainingTask;
import org.junit.jupiter.api.Test;

/** Measures an engine whose times are known, by a clock of its own on every thread. */
class BenchmarkTest {
  private static final long STEP_NANOS = 2_000_000;
  private static final long EXAMPLE_NANOS = 10_000;
  private static final double SGEMM_GFLOPS_OF_A_CORE = 8;

  private static final ThreadLocal<Long> NOW = ThreadLocal.withInitial(() -> 0L);

  private final Benchmark benchmark =
      new Benchmark(
          new ClockworkEngine(),
          (m, n, k, seconds) -> SGEMM_GFLOPS_OF_A_CORE,
          2 * Machine.cores(),
          0.25,
          NOW::get);

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

  private static final class ClockworkEngine implements TrainingEngine {
    @Override
    public EngineDescription description() {
      return new EngineDescription("clockwork", "none", "float32", "none");
    }

    @Override
    public int stackSize() {
      return 1;
    }

    @Override
    public List<TrainingOutcome> train(List<TrainingTask> stack, TrainingProgress progress)
        throws InterruptedException {
      return List.of(TrainingLoop.run(stack.getFirst(), new ClockworkNetwork(), progress));
    }

    @Override
    public void close() {}
  }

  private static final class ClockworkNetwork implements TrainableNetwork {
    @Override
    public double step(int[] order, int from, int batch, double[] learningRates) {
      pass(STEP_NANOS * learningRates.length);
      return 0;
    }

    @Override
    public void logits(Examples examples, float[] logits) {
      pass(EXAMPLE_NANOS * examples.count());
    }

    @Override
    public NetworkState state() {
      return new NetworkState(new float[0], new float[0], new float[0]);
    }

    @Override
    public void restore(NetworkState state) {}

    @Override
    public void close() {}

    private static void pass(long nanos) {
      NOW.set(NOW.get() + nanos);
    }
  }
}
