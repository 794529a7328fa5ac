package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Training on an emulated GPU, all steps of a call in one launch where networks are small. */
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
      assertTrue(Emulator.launches("persistent_steps") > 0);
      assertEquals(0, Emulator.allocated());
      assertEquals(0, Emulator.handles());
    }
  }

  @Override
  CudaEngine engine() {
    return engine;
  }
}
