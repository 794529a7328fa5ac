package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Training on an emulated GPU. */
class EmulatedTrainingTest extends CudaTrainingContract {
  private static CudaEngine engine;

  @BeforeAll
  static void open() {
    EmulatedGpu.require();
    engine = new CudaEngine(EmulatedGpu.pool(0), false);
  }

  @AfterAll
  static void close() {
    if (engine != null) {
      engine.close();
      assertEquals(0, Emulator.allocated());
      assertEquals(0, Emulator.handles());
    }
  }

  @Override
  CudaEngine engine() {
    return engine;
  }
}
