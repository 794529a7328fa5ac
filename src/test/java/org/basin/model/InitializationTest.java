package org.basin.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.basin.RandomStreams;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InitializationTest {

  private static MlpSpec spec(Initialization initialization, Parameterization parameterization) {
    return new MlpSpec(
        300,
        List.of(200, 100),
        10,
        Activation.RELU,
        true,
        true,
        initialization,
        parameterization,
        50);
  }

  private static NetworkState draw(MlpSpec spec, long seed) {
    return Initialization.draw(spec, RandomStreams.of(seed).initialization());
  }

  /** Standard deviation of layer {@code l}'s weights. */
  private static double deviation(MlpSpec spec, int l) {
    float[] theta = draw(spec, 5).parameters();
    int from = new ParameterLayout(spec).weight(l);
    int count = spec.fanIn(l) * spec.fanOut(l);
    double squares = 0;
    for (int i = from; i < from + count; i++) {
      squares += theta[i] * (double) theta[i];
    }
    return Math.sqrt(squares / count);
  }

  @ParameterizedTest
  @CsvSource({
    "HE, 0, 0.0816497", // √(2/300)
    "HE, 1, 0.1", // √(2/200)
    "XAVIER, 0, 0.0632456", // √(2/500)
    "LECUN, 0, 0.0577350", // √(1/300)
    "PYTORCH, 0, 0.0333333" // 1/√(3 x 300)
  })
  void weightsHaveTheStatedDeviation(Initialization initialization, int layer, double expected) {
    double measured = deviation(spec(initialization, Parameterization.STANDARD), layer);
    assertEquals(expected, measured, 0.02 * expected);
  }

  @Test
  void pytorchBoundsWeightsAndBiases() {
    MlpSpec spec = spec(Initialization.PYTORCH, Parameterization.STANDARD);
    ParameterLayout layout = new ParameterLayout(spec);
    float[] theta = draw(spec, 1).parameters();
    float[] biases = Arrays.copyOfRange(theta, layout.bias(1), layout.bias(1) + 100);
    double bound = 1 / Math.sqrt(200);
    double largest = 0;
    for (float bias : biases) {
      largest = Math.max(largest, Math.abs(bias));
    }
    assertTrue(largest <= bound && largest > 0.9 * bound, "largest bias " + largest);
  }

  @Test
  void otherInitializationsStartWithoutBiases() {
    MlpSpec spec = spec(Initialization.HE, Parameterization.STANDARD);
    ParameterLayout layout = new ParameterLayout(spec);
    float[] theta = draw(spec, 1).parameters();
    float[] biases = Arrays.copyOfRange(theta, layout.bias(0), layout.bias(0) + 200);
    assertArrayEquals(new float[200], biases);
  }

  @Test
  void batchNormStartsAsTheIdentityOnStandardNormals() {
    MlpSpec spec = spec(Initialization.HE, Parameterization.STANDARD);
    ParameterLayout layout = new ParameterLayout(spec);
    NetworkState state = draw(spec, 1);
    for (int j = 0; j < 200; j++) {
      assertEquals(1f, state.parameters()[layout.gamma(0) + j]);
      assertEquals(0f, state.parameters()[layout.beta(0) + j]);
    }
    assertEquals(300, state.runningMean().length);
    assertEquals(0f, state.runningMean()[299]);
    assertEquals(1f, state.runningVariance()[299]);
  }

  @Test
  void theSameSeedDrawsTheSameAndAnotherDoesNot() {
    MlpSpec spec = spec(Initialization.HE, Parameterization.STANDARD);
    assertArrayEquals(draw(spec, 0).parameters(), draw(spec, 0).parameters());
    assertFalse(Arrays.equals(draw(spec, 0).parameters(), draw(spec, 1).parameters()));
  }

  @Test
  void mupShrinksTheOutputLayerByTheRootOfItsWidthOverTheBase() {
    double standard = deviation(spec(Initialization.HE, Parameterization.STANDARD), 2);
    double mup = deviation(spec(Initialization.HE, Parameterization.MUP), 2);
    assertEquals(standard / Math.sqrt(100.0 / 50), mup, 1e-6);
    assertEquals(
        deviation(spec(Initialization.HE, Parameterization.STANDARD), 1),
        deviation(spec(Initialization.HE, Parameterization.MUP), 1),
        1e-9);
  }

  @Test
  void layoutPutsLayersFirstAndNormalisationLast() {
    MlpSpec spec =
        new MlpSpec(
            3,
            List.of(4),
            2,
            Activation.RELU,
            true,
            true,
            Initialization.HE,
            Parameterization.STANDARD,
            4);
    ParameterLayout layout = new ParameterLayout(spec);
    assertEquals(0, layout.weight(0));
    assertEquals(12, layout.bias(0));
    assertEquals(16, layout.weight(1));
    assertEquals(24, layout.bias(1));
    assertEquals(26, layout.gamma(0));
    assertEquals(30, layout.beta(0));
    assertEquals(34, layout.size());
    assertEquals(34, spec.parameterCount());
    assertEquals(4, layout.statisticsSize());
  }
}
