package org.basin.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.basin.InvalidInputException;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.Parameterization;
import org.basin.train.TrainingOptions;
import org.junit.jupiter.api.Test;

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

  @Test
  void bytesCountVectorsAndBuffers() {
    MlpSpec spec =
        new MlpSpec(
            2,
            List.of(3),
            2,
            Activation.RELU,
            true,
            false,
            Initialization.HE,
            Parameterization.STANDARD,
            64);
    // P = 17; θ, gradient and the state handed out; 256 rows of 3 inputs, 4 outputs, 16 hidden
    // units.
    assertEquals(
        4 * (3 * 17 + 256 * (3 + 4 + 16)), CpuNetwork.bytes(spec, TrainingOptions.DEFAULTS, 100));
  }
}
