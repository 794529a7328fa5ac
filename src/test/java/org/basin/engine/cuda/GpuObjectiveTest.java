package org.basin.engine.cuda;

import org.basin.engine.ObjectiveCase;
import org.basin.engine.ObjectiveContract;
import org.basin.train.Objective;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** Objectives on this machine's GPU. */
@Tag("gpu")
class GpuObjectiveTest extends ObjectiveContract {
  private static GpuPool gpus;
  private static CudaObjectiveEngine engine;

  @BeforeAll
  static void open() {
    Assumptions.assumeTrue(CudaEngine.problem() == null, CudaEngine::problem);
    gpus = GpuPool.of(CudaPlatform.search(), CudaOptions.DEFAULTS);
    engine = new CudaObjectiveEngine(gpus, false);
  }

  @AfterAll
  static void close() {
    if (gpus != null) {
      engine.close();
      gpus.close();
    }
  }

  @Override
  protected Objective objective(ObjectiveCase c) {
    return engine.objective(c.spec(), c.options(), c.data(), c.statistics());
  }
}
