package org.basin.engine.cuda;

import org.basin.engine.ObjectiveCase;
import org.basin.engine.ObjectiveContract;
import org.basin.train.EngineOptions;
import org.basin.train.Objective;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Objectives on this machine's GPU. */
@OnGpu
class GpuObjectiveTest extends ObjectiveContract {
  private static CudaObjectiveEngine engine;

  @BeforeAll
  static void open() {
    engine = new CudaObjectiveEngine(EngineOptions.DEFAULTS);
  }

  @AfterAll
  static void close() {
    if (engine != null) {
      engine.close();
    }
  }

  @Override
  protected Objective objective(ObjectiveCase c) {
    return engine.objective(c.spec(), c.options(), c.data(), c.statistics());
  }
}
