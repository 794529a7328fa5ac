package org.basin.theory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.basin.InvalidSettingException;
import org.basin.theory.StationaryPointsOptions.Noise;
import org.basin.theory.StationaryPointsOptions.Problem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class TheoryOptionsTest {

  private static void assertRefused(String message, Executable options) {
    assertEquals(message, assertThrows(InvalidSettingException.class, options).getMessage());
  }

  private static SaddleEscapeOptions saddle(double stepSize, double sigma, int runs) {
    return new SaddleEscapeOptions(10, 2, stepSize, sigma, 4, 1, 1e-3, 0.1, 0.1, runs, 2000, 0.99);
  }

  @Test
  void saddles() {
    assertRefused("stepSize is 0.6, allowed: up to 1/curvature, 0.5", () -> saddle(0.6, 0.1, 100));
    assertRefused(
        "sigma is 0.01, allowed: from 0.002 to 1 times radius/stepSize, 10.0",
        () -> saddle(0.1, 0.01, 100));
    assertRefused(
        "runs is 5, allowed: a whole number from 20 to 1000000", () -> saddle(0.1, 0.1, 5));
    assertThrows(InvalidSettingException.class, () -> saddle(Double.NaN, 0.1, 100));
    assertThrows(InvalidSettingException.class, () -> saddle(0.1, Double.NaN, 100));
    assertEquals(0.25, saddle(0.25, 0.1, 100).stepSize());
  }

  private static EscapeScalingOptions scaling(List<Double> curvatures, List<Double> sigmas) {
    return new EscapeScalingOptions(
        1, 0.1, 1e-3, curvatures, List.of(0.1, 0.2, 0.3), sigmas, 1, 100, 1000, 0.99);
  }

  @Test
  void scalings() {
    List<Double> fine = List.of(0.01, 0.02, 0.03);
    assertRefused(
        "curvatures has 2 numbers, allowed: 3 or more", () -> scaling(List.of(1.0, 2.0), fine));
    assertRefused(
        "curvatures is [1.0, 3.0, 2.0], allowed: ascending, above 0",
        () -> scaling(List.of(1.0, 3.0, 2.0), fine));
    assertRefused(
        "curvatures makes stepSize times curvature 2.0, allowed: from 0.0001 to 1",
        () -> scaling(List.of(1.0, 3.0, 20.0), fine));
    assertRefused(
        "sigmas makes stepSize times sigma 0.1 of the radius, allowed: up to 0.01",
        () -> scaling(List.of(1.0, 2.0, 3.0), List.of(0.01, 0.05, 1.0)));
  }

  @Test
  void others() {
    assertRefused(
        "saddles is 5, allowed: a whole number from 8 to 1000",
        () -> new ChainEscapeOptions(5, 1, 1, 1, 0.1, 50, 1000, 0.9));
    assertRefused(
        "constant is 2.0, allowed: a number above 0, up to 1.0",
        () -> new ChainEscapeOptions(8, 1, 1, 2, 0.1, 50, 1000, 0.9));
    assertRefused(
        "stepSize is 1.0, allowed: up to 1/(6 radius), 0.5",
        () -> new MonkeyEscapeOptions(1, 1.0 / 3, List.of(1e-3), 50, 1000, 0.9));
    assertRefused(
        "starts is [0.001, 0.002, 0.5], allowed: ascending, above 0 and up to radius/10, 0.03",
        () -> new MonkeyEscapeOptions(0.1, 0.3, List.of(1e-3, 2e-3, 0.5), 50, 1000, 0.9));
    assertRefused(
        "hidden is 5, allowed: a whole number from 1 to 4",
        () -> new OriginEscapeOptions(4, 5, 0.1, 1e-5, 0.1, 1e-4, 50, 1000, 0.9));
  }

  private static StationaryPointsOptions stationary(List<Integer> steps, List<Integer> batches) {
    return new StationaryPointsOptions(
        Problem.QUADRATIC, Noise.ISOTROPIC, 2, 1, 10, 4, 1, steps, batches, 20, 0.9);
  }

  @Test
  void stationaryPoints() {
    List<Integer> steps = List.of(1, 2, 4, 8, 16, 32);
    assertEquals(3, stationary(steps, List.of(1, 2, 4)).batchSizes().size());
    assertRefused(
        "steps has 2 numbers, allowed: 6 or more",
        () -> stationary(List.of(1, 2), List.of(1, 2, 4)));
    assertRefused(
        "batchSizes is [0, 2, 4], allowed: ascending whole numbers from 1 to 100000",
        () -> stationary(steps, List.of(0, 2, 4)));
    assertRefused(
        "batchSizes is [1, 4, 4], allowed: ascending whole numbers from 1 to 100000",
        () -> stationary(steps, List.of(1, 4, 4)));
  }
}
