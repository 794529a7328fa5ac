package org.basin.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class WordingTest {

  @Test
  void numbersHaveFourDigits() {
    assertEquals("0.01235", Wording.number(0.012345678));
    assertEquals("1.5", Wording.number(1.5));
    assertEquals("0", Wording.number(0));
    assertEquals("105600", Wording.number(105_610));
    assertEquals("1.235e-06", Wording.number(1.2345678e-6));
    assertEquals("–", Wording.number(Double.NaN));
  }

  @Test
  void sharesArePerCent() {
    assertEquals("54.1\u00a0%", Wording.percent(0.5405));
    assertEquals("0.25\u00a0%", Wording.percent(0.0025));
    assertEquals("0\u00a0%", Wording.percent(0.0));
    assertEquals(
        "50.0\u00a0%\u00a0±\u00a01.2", Wording.percent(new Estimate(3, 0.5, 0.005, 0.0124)));
  }

  @Test
  void estimatesKeepTheirZeros() {
    assertEquals("1.850\u00a0±\u00a00.10", Wording.estimate(new Estimate(3, 1.85, 0.1, 0.1)));
    assertEquals("0", Wording.estimate(Estimate.of(0)));
    assertEquals("5.786", Wording.estimate(Estimate.of(5.786)));
  }

  @Test
  void timesAreShort() {
    assertEquals("4.2 s", Wording.duration(4.2));
    assertEquals("42 s", Wording.duration(42.4));
    assertEquals("3 min 20 s", Wording.duration(200));
    assertEquals("5 h 12 min", Wording.duration(5 * 3600 + 12 * 60 + 30));
  }

  @Test
  void widthsAreWholeFromTen() {
    SweepAxis width = new SweepAxis("model.width", "width", SweepAxis.Scale.LOG);
    assertEquals("58", Wording.position(width, 58.13));
    assertEquals("4.7", Wording.position(width, 4.68));
    assertEquals("5", Wording.position(width, 5));
    SweepAxis rate = new SweepAxis("learningRate", "learning rate", SweepAxis.Scale.LOG);
    assertEquals("0.0312", Wording.position(rate, 0.03123));
  }

  @Test
  void namesInCamelCaseAreWords() {
    assertEquals("largest eigenvalue", Wording.words("largestEigenvalue"));
    assertEquals("Gauss–Newton trace", Wording.words("gaussNewtonTrace"));
    assertEquals("adaptive m-sharpness", Wording.words("adaptiveMSharpness"));
    assertEquals("m-sharpness one step", Wording.words("mSharpnessOneStep"));
    assertEquals("basin width", Wording.words("basin-width"));
    assertEquals("random non-convex share", Wording.words("randomNonConvexShare"));
    assertEquals("aligned training loss barrier", Wording.words("alignedTrainLossBarrier"));
    assertEquals("decay mini-batch", Wording.words("decay-mini-batch"));
    assertEquals("linearised test error", Wording.words("linearizedTestError"));
  }

  @Test
  void signedNumbersHaveAProperMinus() {
    assertEquals("−0.42", Wording.signed(-0.4211));
    assertEquals("1.50", Wording.signed(1.5));
    assertEquals("0.00", Wording.signed(-0.004));
  }
}
