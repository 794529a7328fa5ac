package org.basin.landscape.surface;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.List;
import java.util.SplittableRandom;
import org.basin.engine.EngineRegistry;
import org.basin.engine.ObjectiveCase;
import org.basin.measurement.Table;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.ParameterLayout;
import org.basin.model.Parameterization;
import org.basin.train.BatchNormPolicy;
import org.basin.train.LossFunction;
import org.basin.train.Objective;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;
import org.junit.jupiter.api.Test;

/** Norms by hand, and what the normalisation is for. */
class FilterNormalizationTest {

  private static MlpSpec spec(int inputs, List<Integer> hidden, int outputs, boolean batchNorm) {
    return new MlpSpec(
        inputs,
        hidden,
        outputs,
        Activation.RELU,
        true,
        batchNorm,
        Initialization.PYTORCH,
        Parameterization.STANDARD,
        4);
  }

  /** 2-2-1 with batch normalisation: W_1, b_1, W_2, b_2, γ, β. */
  @Test
  void everyNeuronsIncomingWeightsTakeTheNetworksNorm() {
    float[] theta = {3, 1, 4, 0, 9, 9, 6, 8, 9, 9, 9, 9, 9};
    float[] direction = {1, 5, 0, 12, 7, 7, -3, 4, 7, 7, 7, 7, 7};
    FilterNormalization.normalize(spec(2, List.of(2), 1, true), theta, direction);
    // column (3, 4) has norm 5, and (1, 0) norm 1; (1, 0) has norm 1, and (5, 12) norm 13;
    // (6, 8) has norm 10, and (-3, 4) norm 5
    float[] expected = {5, 5 / 13f, 0, 12 / 13f, 0, 0, -6, 8, 0, 0, 0, 0, 0};
    assertArrayEquals(expected, direction, 1e-6f);
  }

  @Test
  void aFilterThatIsZeroStaysZero() {
    float[] theta = {3, 0, 4, 0, 1, 1};
    float[] direction = {0, 1, 0, 1, 1, 1};
    FilterNormalization.normalize(spec(2, List.of(), 2, false), theta, direction);
    assertArrayEquals(new float[6], direction);
  }

  /**
   * W_1 4, b_1 4 and W_2 / 4 is the same network of ReLUs, and its slice is the same bit for bit:
   * without the normalisation the directions would not follow.
   */
  @Test
  void aRescaledNetworkHasTheSameSlice() throws InterruptedException {
    MlpSpec spec = spec(5, List.of(7), 3, false);
    ObjectiveOptions options =
        new ObjectiveOptions(LossFunction.CROSS_ENTROPY, 0, 0, BatchNormPolicy.FROZEN);
    ObjectiveCase c = ObjectiveCase.of(spec, options, 40, new SplittableRandom(2));
    float[] rescaled = c.theta().clone();
    ParameterLayout layout = new ParameterLayout(spec);
    for (int i = 0; i < layout.bias(1); i++) {
      rescaled[i] *= i < layout.weight(1) ? 4 : 0.25f;
    }
    assertArrayEquals(line(c, c.theta()).column("loss"), line(c, rescaled).column("loss"), 0.0);
  }

  private static Table line(ObjectiveCase c, float[] theta) throws InterruptedException {
    try (ObjectiveEngine engine = EngineRegistry.standard().openObjectives("auto", 1);
        Objective objective = engine.objective(c.spec(), c.options(), c.data(), c.statistics())) {
      float[] direction = FilterNormalization.random(c.spec(), theta, new SplittableRandom(9));
      return new LossSlice(objective, theta, null).line("line", direction, Axis.symmetric(1, 9));
    }
  }
}
