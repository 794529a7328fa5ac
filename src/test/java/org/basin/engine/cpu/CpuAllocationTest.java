package org.basin.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.basin.engine.Replicas;
import org.basin.model.Activation;
import org.basin.train.BatchSize;
import org.basin.train.ClippingOptions;
import org.basin.train.LossFunction;
import org.basin.train.OptimizerKind;
import org.basin.train.TrainingTask;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Steps allocate nothing once the JIT has compiled them. */
class CpuAllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int STEPS = 2_000;
  private static final int MOST_WARM_UPS = 100;

  private static Arguments replica(String name, Consumer<Replicas> change) {
    Replicas replicas = new Replicas();
    change.accept(replicas);
    return Arguments.of(name, replicas.task());
  }

  static Stream<Arguments> replicas() {
    return Stream.of(
        replica(
            "ReLU, Nesterov",
            r -> {
              r.activation = Activation.RELU;
              r.optimizer = OptimizerKind.NESTEROV;
            }),
        replica(
            "tanh, Adam, clipped",
            r -> {
              r.optimizer = OptimizerKind.ADAM;
              r.clipping = new ClippingOptions(1.0, 0.5);
            }),
        replica(
            "GELU, batch normalisation, heavy ball, MSE",
            r -> {
              r.activation = Activation.GELU;
              r.batchNorm = true;
              r.optimizer = OptimizerKind.HEAVY_BALL;
              r.loss = LossFunction.MSE;
            }),
        replica(
            "products in panels, and in small parts",
            r -> {
              r.hidden = List.of(530, 520);
              r.batchNorm = true;
              r.batchSize = new BatchSize(32);
            }));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("replicas")
  void stepsAllocateNothing(String name, TrainingTask task) {
    int[] order = new int[task.options().batchSize().resolve(Integer.MAX_VALUE)];
    Arrays.setAll(order, i -> i % task.data().train().count());
    double[] one = {1e-3};
    try (Crew crew = new Crew(1);
        CpuNetwork network = new CpuNetwork(task, crew)) {
      long allocated = Long.MAX_VALUE;
      // Code that is not compiled yet boxes; how long that takes depends on the load.
      for (int i = 0; i < MOST_WARM_UPS && allocated > 0; i++) {
        allocated = allocatedBy(network, order, one);
      }
      // A byte a step would be 2,000.
      assertTrue(allocated < STEPS, name + ": " + allocated + " bytes in " + STEPS + " steps");
    }
  }

  private static long allocatedBy(CpuNetwork network, int[] order, double[] one) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (int s = 0; s < STEPS; s++) {
      network.step(order, 0, order.length, one);
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }
}
