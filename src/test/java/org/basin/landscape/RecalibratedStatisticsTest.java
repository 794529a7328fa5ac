package org.basin.landscape;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.List;
import java.util.SplittableRandom;
import org.basin.engine.EngineRegistry;
import org.basin.engine.ObjectiveCase;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.Parameterization;
import org.basin.train.BatchNormPolicy;
import org.basin.train.LossFunction;
import org.basin.train.Objective;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecalibratedStatisticsTest {

  private static ObjectiveCase network(List<Integer> hidden, boolean bias, boolean batchNorm) {
    MlpSpec spec =
        new MlpSpec(
            6,
            hidden,
            3,
            Activation.TANH,
            bias,
            batchNorm,
            Initialization.PYTORCH,
            Parameterization.STANDARD,
            8);
    ObjectiveOptions options =
        new ObjectiveOptions(LossFunction.CROSS_ENTROPY, 0.1, 0, BatchNormPolicy.BATCH);
    return ObjectiveCase.of(spec, options, 50, new SplittableRandom(5));
  }

  private static double loss(
      ObjectiveEngine engine, ObjectiveCase c, NetworkState state, BatchNormPolicy policy) {
    ObjectiveOptions options = new ObjectiveOptions(LossFunction.CROSS_ENTROPY, 0.1, 0, policy);
    try (Objective objective = engine.objective(c.spec(), options, c.data(), state)) {
      return objective.loss(c.theta());
    }
  }

  /** Constants that are one full batch's statistics give the full batch's loss. */
  @ParameterizedTest
  @CsvSource({"true, 1", "false, 1", "true, 2", "true, 3"})
  void theLossIsThatOfOneFullBatch(boolean bias, int depth) {
    ObjectiveCase c = network(List.of(5, 1, 7).subList(0, depth), bias, true);
    try (ObjectiveEngine engine = EngineRegistry.standard().openObjectives("auto", 1)) {
      NetworkState before =
          new NetworkState(
              c.theta(), c.statistics().runningMean(), c.statistics().runningVariance());
      NetworkState state = RecalibratedStatistics.of(c.spec(), before, c.data(), engine);
      double batch = loss(engine, c, before, BatchNormPolicy.BATCH);
      assertEquals(batch, loss(engine, c, state, BatchNormPolicy.FROZEN), 1e-5 * batch);
      assertNotEquals(batch, loss(engine, c, before, BatchNormPolicy.FROZEN), 1e-4 * batch);
      assertArrayEquals(c.theta(), state.parameters());
    }
  }

  @ParameterizedTest
  @CsvSource("true")
  void withoutNormalisationNothingChanges(boolean bias) {
    ObjectiveCase c = network(List.of(5), bias, false);
    try (ObjectiveEngine engine = EngineRegistry.standard().openObjectives("auto", 1)) {
      NetworkState state = RecalibratedStatistics.of(c.spec(), c.statistics(), c.data(), engine);
      assertArrayEquals(c.theta(), state.parameters());
      assertEquals(0, state.runningMean().length);
    }
  }
}
