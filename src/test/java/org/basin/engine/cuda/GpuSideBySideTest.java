package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.basin.engine.ObjectiveCase;
import org.basin.measurement.Measurement;
import org.basin.train.EngineOptions;
import org.basin.train.ObjectiveEngine;
import org.junit.jupiter.api.Test;

/** Networks side by side on this machine's GPU, where cuBLAS may add in another order for many. */
@OnGpu
class GpuSideBySideTest {
  private final Executor threads = task -> Thread.ofPlatform().start(task);

  @Test
  void spectraOfSeveralNetworksAreThoseOfEachAlone() {
    List<ObjectiveCase> cases = ObjectiveGatheringTest.cases(16);
    try (CudaObjectiveEngine engine = new CudaObjectiveEngine(EngineOptions.DEFAULTS)) {
      List<ObjectiveEngine> engines = engine.sideBySide().orElseThrow().engines(cases.size());
      List<CompletableFuture<Measurement>> together = new ArrayList<>();
      for (int i = 0; i < cases.size(); i++) {
        ObjectiveCase c = cases.get(i);
        ObjectiveEngine own = engines.get(i);
        together.add(
            CompletableFuture.supplyAsync(
                () -> {
                  try (own) {
                    return ObjectiveGatheringTest.measure(own, c);
                  }
                },
                threads));
      }
      for (int i = 0; i < cases.size(); i++) {
        Measurement alone = ObjectiveGatheringTest.measure(engine, cases.get(i));
        Measurement beside = together.get(i).join();
        for (String scalar : List.of("largestEigenvalue", "smallestEigenvalue", "trace")) {
          double expected = alone.scalars().get(scalar).value();
          double actual = beside.scalars().get(scalar).value();
          assertEquals(expected, actual, 1e-4 * Math.abs(expected), scalar + " of " + i);
        }
      }
    }
  }
}
