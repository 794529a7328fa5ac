package org.basin.engine.cuda;

import java.util.List;
import java.util.SplittableRandom;
import org.basin.engine.ObjectiveCase;
import org.basin.landscape.curvature.ObjectiveOperators;
import org.basin.linalg.KrylovContract;
import org.basin.linalg.SymmetricOperator;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.Parameterization;
import org.basin.train.BatchNormPolicy;
import org.basin.train.EngineOptions;
import org.basin.train.LossFunction;
import org.basin.train.Objective;
import org.basin.train.ObjectiveOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Recurrences on this machine's GPU. */
@OnGpu
class GpuSequencesTest extends KrylovContract {
  private static final ObjectiveCase CASE =
      ObjectiveCase.of(
          new MlpSpec(
              20,
              List.of(40, 40),
              5,
              Activation.TANH,
              true,
              false,
              Initialization.HE,
              Parameterization.STANDARD,
              64),
          new ObjectiveOptions(LossFunction.CROSS_ENTROPY, 0, 0, BatchNormPolicy.FROZEN),
          500,
          new SplittableRandom(6));

  private static CudaObjectiveEngine engine;
  private static Objective objective;

  @BeforeAll
  static void open() {
    engine = new CudaObjectiveEngine(EngineOptions.DEFAULTS);
    objective = engine.objective(CASE.spec(), CASE.options(), CASE.data(), CASE.statistics());
  }

  @AfterAll
  static void close() {
    if (objective != null) {
      objective.close();
    }
    if (engine != null) {
      engine.close();
    }
  }

  @Override
  protected SymmetricOperator operator() {
    return ObjectiveOperators.hessian(objective, CASE.theta());
  }
}
