package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.basin.engine.EngineParity;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code basin verify} compares with the reference, on an emulated GPU. */
class EmulatedParityTest {
  @BeforeEach
  void start() {
    EmulatedGpu.require();
  }

  @Test
  void trainingsAreRoundingAwayFromTheReference() throws InterruptedException {
    try (CudaEngine engine = new CudaEngine(EmulatedGpu.pool(0), false)) {
      EngineParity.ofTraining(engine).forEach(EmulatedParityTest::assertHolds);
    }
  }

  @Test
  void objectivesAreRoundingAwayFromTheReference() {
    try (CudaObjectiveEngine engine = new CudaObjectiveEngine(EmulatedGpu.pool(0), false)) {
      EngineParity.ofObjectives(engine).forEach(EmulatedParityTest::assertHolds);
    }
  }

  private static void assertHolds(EngineParity.Deviation deviation) {
    assertTrue(deviation.holds(), deviation::toString);
  }
}
