package org.basin.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParameterizationTest {

  private static MlpSpec spec(Parameterization parameterization, List<Integer> hidden) {
    return new MlpSpec(
        25, hidden, 10, Activation.RELU, true, false, Initialization.HE, parameterization, 64);
  }

  /** Table 3 of Yang et al. 2022 at four times the base width, and the NTK's 1/fanIn. */
  @ParameterizedTest
  @CsvSource({
    // parameterisation, layer, SGD weights, Adam weights, SGD vectors, Adam vectors
    "STANDARD, 0, 1, 1, 1, 1",
    "STANDARD, 2, 1, 1, 1, 1",
    "NTK, 0, 0.04, 0.2, 1, 1",
    "NTK, 1, 0.00390625, 0.0625, 1, 1",
    "MUP, 0, 4, 1, 4, 1",
    "MUP, 1, 1, 0.25, 4, 1",
    "MUP, 2, 0.25, 0.25, 1, 1"
  })
  void rates(
      Parameterization parameterization,
      int layer,
      double sgdWeights,
      double adamWeights,
      double sgdVectors,
      double adamVectors) {
    MlpSpec spec = spec(parameterization, List.of(256, 256));
    assertEquals(sgdWeights, parameterization.weightRate(spec, layer, false), 1e-12);
    assertEquals(adamWeights, parameterization.weightRate(spec, layer, true), 1e-12);
    assertEquals(sgdVectors, parameterization.vectorRate(spec, layer, false), 1e-12);
    assertEquals(adamVectors, parameterization.vectorRate(spec, layer, true), 1e-12);
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "2"})
  void mupAtTheBaseWidthIsStandard(int layer) {
    MlpSpec spec = spec(Parameterization.MUP, List.of(64, 64));
    assertEquals(1, Parameterization.MUP.weightRate(spec, layer, false), 0);
    assertEquals(1, Parameterization.MUP.weightRate(spec, layer, true), 0);
    assertEquals(1, Parameterization.MUP.vectorRate(spec, layer, false), 0);
    assertEquals(1, Parameterization.MUP.initialScale(spec, layer), 0);
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void mupWithoutHiddenLayersIsStandard(boolean adaptive) {
    MlpSpec spec = spec(Parameterization.MUP, List.of());
    assertEquals(1, Parameterization.MUP.weightRate(spec, 0, adaptive), 0);
    assertEquals(1, Parameterization.MUP.vectorRate(spec, 0, adaptive), 0);
    assertEquals(1, Parameterization.MUP.initialScale(spec, 0), 0);
  }
}
