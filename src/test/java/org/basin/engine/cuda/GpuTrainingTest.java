package org.basin.engine.cuda;

import org.basin.train.EngineOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Training on this machine's GPU. */
@OnGpu
class GpuTrainingTest extends CudaTrainingContract {
  private static CudaEngine engine;

  @BeforeAll
  static void open() {
    engine = new CudaEngine(EngineOptions.DEFAULTS);
  }

  @AfterAll
  static void close() {
    if (engine != null) {
      engine.close();
    }
  }

  @Override
  CudaEngine engine() {
    return engine;
  }
}
