package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Training on an emulated GPU, layer by layer: no network fits its shared memory. */
class LayeredTrainingTest extends CudaTrainingContract {
  private static CudaEngine engine;

  @BeforeAll
  static void open() {
    EmulatedGpu.require();
    Emulator.setCapability(9, 0, 0);
    engine = new CudaEngine(EmulatedGpu.pool(0), false);
  }

  @AfterAll
  static void close() {
    if (engine != null) {
      engine.close();
      assertEquals(0, Emulator.launches("persistent_steps"));
      assertEquals(0, Emulator.allocated());
      assertEquals(0, Emulator.handles());
      Emulator.reset();
    }
  }

  @Override
  CudaEngine engine() {
    return engine;
  }
}
