package org.basin.engine.cuda;

import org.basin.train.EngineOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** Training on this machine's GPU. */
@Tag("gpu")
class GpuTrainingTest extends CudaTrainingContract {
  private static CudaEngine engine;

  @BeforeAll
  static void open() {
    Assumptions.assumeTrue(
        CudaEngine.problem(EngineOptions.DEFAULTS) == null,
        () -> CudaEngine.problem(EngineOptions.DEFAULTS));
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
