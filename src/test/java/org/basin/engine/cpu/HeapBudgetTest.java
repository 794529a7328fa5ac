package org.basin.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.basin.InvalidInputException;
import org.basin.engine.Replicas;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.Parameterization;
import org.basin.train.BatchSize;
import org.basin.train.ClippingOptions;
import org.basin.train.LossFunction;
import org.basin.train.OptimizerKind;
import org.basin.train.OptimizerOptions;
import org.basin.train.ScheduleOptions;
import org.basin.train.StoppingOptions;
import org.basin.train.TrainingOptions;
import org.basin.train.TrainingTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class HeapBudgetTest {

  @Test
  void whatNeverFitsIsRefusedWithBothFigures() {
    HeapBudget budget = new HeapBudget(10 << 20);
    InvalidInputException refusal =
        assertThrows(InvalidInputException.class, () -> budget.take((10 << 20) + 1));
    assertTrue(
        refusal.getMessage().startsWith("a network of this size needs 11 MiB, available are 10"),
        refusal.getMessage());
  }

  @Test
  void whatDoesNotFitBesideTheOthersWaitsForThem() throws InterruptedException {
    HeapBudget budget = new HeapBudget(100);
    budget.take(60);
    CountDownLatch taken = new CountDownLatch(1);
    Thread second =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    budget.take(50);
                    taken.countDown();
                  } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                  }
                });
    assertFalse(taken.await(50, TimeUnit.MILLISECONDS));
    budget.giveBack(60);
    assertTrue(taken.await(10, TimeUnit.SECONDS));
    second.join();
  }

  @Test
  void aMillionWideNetworkIsRefusedBeforeAnythingIsAllocated() {
    MlpSpec spec =
        new MlpSpec(
            40,
            List.of(1_000_000, 2_000),
            10,
            Activation.RELU,
            true,
            false,
            Initialization.HE,
            Parameterization.STANDARD,
            64);
    assertThrows(
        InvalidInputException.class,
        () -> CpuEngine.requireRoom(spec, TrainingOptions.DEFAULTS, 4000));
  }

  static Stream<Arguments> networks() {
    return Stream.of(Activation.values())
        .flatMap(
            activation ->
                Stream.of(LossFunction.values())
                    .flatMap(
                        loss ->
                            Stream.of(true, false)
                                .map(norm -> Arguments.of(activation, loss, norm))));
  }

  /** What a replica allocates when it is made is what was asked for, and not much less. */
  @ParameterizedTest
  @MethodSource("networks")
  void theEstimateCoversWhatIsAllocated(Activation activation, LossFunction loss, boolean norm) {
    Replicas replicas = new Replicas();
    replicas.hidden = List.of(400, 300);
    replicas.activation = activation;
    replicas.loss = loss;
    replicas.batchNorm = norm;
    replicas.optimizer = OptimizerKind.ADAM;
    TrainingTask task = replicas.task();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Crew crew = new Crew(1)) {
      new CpuNetwork(task, crew).close(); // loads classes
      long before = threads.getCurrentThreadAllocatedBytes();
      new CpuNetwork(task, crew).close();
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      // The state that is handed out at the end is in the estimate, and not allocated yet.
      long estimate =
          CpuNetwork.bytes(task.spec(), task.options(), task.data().train().count())
              - Float.BYTES * task.spec().parameterCount();
      assertTrue(
          allocated <= estimate + 20_000 && allocated >= 0.8 * estimate,
          allocated + " bytes allocated, " + estimate + " estimated");
    }
  }

  @Test
  void anArrayOfMoreThanTwoBillionNumbersIsRefused() {
    MlpSpec spec =
        new MlpSpec(
            40,
            List.of(1_000),
            10,
            Activation.RELU,
            true,
            false,
            Initialization.HE,
            Parameterization.STANDARD,
            64);
    TrainingOptions full =
        new TrainingOptions(
            LossFunction.CROSS_ENTROPY,
            1,
            BatchSize.FULL,
            1,
            0,
            OptimizerOptions.DEFAULTS,
            ScheduleOptions.DEFAULTS,
            ClippingOptions.DEFAULTS,
            StoppingOptions.DEFAULTS);
    InvalidInputException refusal =
        assertThrows(
            InvalidInputException.class, () -> CpuEngine.requireRoom(spec, full, 3_000_000));
    assertTrue(refusal.getMessage().contains("2^31"), refusal.getMessage());
  }
}
