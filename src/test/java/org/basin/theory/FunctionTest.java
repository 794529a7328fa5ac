package org.basin.theory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.EigenDecompositionSymmetric;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FunctionTest {
  private static final SaddleChain CHAIN = new SaddleChain(4, 1.5, 1);

  static List<Function> functions() {
    return List.of(
        QuadraticForm.hyperbolicParaboloid(),
        QuadraticForm.hill(3),
        QuadraticForm.saddle(5, 0.7),
        new QuadraticForm(1, 4),
        new MonkeySaddle(),
        new AlgebraicDecay(3, 0.5),
        new AlgebraicDecay(2, 4),
        new CosineWells(3),
        CHAIN,
        new MatrixFactorization(3, 4, 2, 3, 2, 0.5),
        new MatrixFactorization(4, 3, 3, 3, 2, 0.5),
        new MatrixFactorization(3, 3, 1, 3, 2, 0.5),
        new LinearNetwork(new double[] {1, 2, 0.5}, new double[] {3, 1, 2}, 2),
        TiltedSum.gaussian(new CosineWells(2), 5, 0.3, new SplittableRandom(1)));
  }

  private static double[] point(Function function, double scale, SplittableRandom random) {
    return random.doubles(function.dimension(), -scale, scale).toArray();
  }

  /** Columns of ∇²f by central differences of ∇f, made symmetric. */
  private static double[] hessianEigenvalues(Function function, double[] x) {
    int d = x.length;
    double[][] hessian = new double[d][d];
    for (int i = 0; i < d; i++) {
      double[] difference = new double[d];
      for (int side : new int[] {1, -1}) {
        double[] moved = x.clone();
        moved[i] += side * 1e-5;
        double[] gradient = new double[d];
        function.gradient(moved, gradient);
        for (int j = 0; j < d; j++) {
          difference[j] += side * gradient[j] / 2e-5;
        }
      }
      for (int j = 0; j < d; j++) {
        hessian[i][j] += difference[j] / 2;
        hessian[j][i] += difference[j] / 2;
      }
    }
    double[] eigenvalues =
        new EigenDecompositionSymmetric(new Array2DRowRealMatrix(hessian)).getEigenvalues();
    Arrays.sort(eigenvalues);
    return eigenvalues;
  }

  @ParameterizedTest
  @MethodSource("functions")
  void gradientIsTheDerivativeOfTheValue(Function function) {
    SplittableRandom random = new SplittableRandom(2);
    double[] gradient = new double[function.dimension()];
    for (int draw = 0; draw < 50; draw++) {
      double[] x = point(function, 8, random);
      function.gradient(x, gradient);
      double scale = Arrays.stream(gradient).map(Math::abs).max().orElseThrow();
      for (int i = 0; i < x.length; i++) {
        double step = 1e-5;
        double[] up = x.clone();
        double[] down = x.clone();
        up[i] += step;
        down[i] -= step;
        double slope = (function.value(up) - function.value(down)) / (2 * step);
        double rounding = 1e-15 * Math.abs(function.value(x)) / step;
        assertEquals(slope, gradient[i], 1e-6 * (1 + scale) + 10 * rounding, "coordinate " + i);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("functions")
  void criticalPointsAreCriticalWithTheseEigenvalues(Function function) {
    assertFalse(function.criticalPoints().isEmpty());
    for (CriticalPoint critical : function.criticalPoints()) {
      double[] gradient = new double[function.dimension()];
      function.gradient(critical.point(), gradient);
      assertArrayEquals(new double[gradient.length], gradient, 1e-12);
      assertArrayEquals(
          hessianEigenvalues(function, critical.point()), critical.eigenvalues(), 1e-6);
    }
  }

  @ParameterizedTest
  @MethodSource("functions")
  void nothingIsBelowTheInfimumAndNothingBendsMoreThanStated(Function function) {
    SplittableRandom random = new SplittableRandom(3);
    for (int draw = 0; draw < 200; draw++) {
      double[] x = point(function, 12, random);
      assertTrue(function.value(x) >= function.infimum());
      double[] eigenvalues = hessianEigenvalues(function, x);
      double norm = Math.max(-eigenvalues[0], eigenvalues[eigenvalues.length - 1]);
      assertTrue(norm <= function.smoothness() * (1 + 1e-6) + 1e-6, norm + " at " + draw);
    }
  }

  /** f* is reached at the last critical point where that is a minimum. */
  @Test
  void infimaAreReached() {
    for (Function function :
        List.of(
            new QuadraticForm(1, 4),
            CHAIN,
            new MatrixFactorization(3, 4, 2, 3, 2, 0.5),
            new MatrixFactorization(3, 3, 1, 3, 2, 0.5))) {
      CriticalPoint last = function.criticalPoints().getLast();
      assertFalse(last.isStrictSaddle());
      assertEquals(function.infimum(), function.value(last.point()), 1e-9);
    }
    Function wells = new CosineWells(3);
    assertEquals(wells.infimum(), wells.value(wells.criticalPoints().getFirst().point()));
    LinearNetwork network = new LinearNetwork(new double[] {1, 2}, new double[] {3, 1}, 1);
    // The mode c m² = 9 is learnt, the mode of 2 is not.
    assertEquals(1, network.infimum(), 1e-15);
    double[] learnt = {3, 0, 1, 0};
    assertEquals(1, network.value(learnt), 1e-15);
    assertEquals(
        0, new LinearNetwork(new double[] {1, 2}, new double[] {3, 1}, 2).infimum(), 1e-15);
  }

  @Test
  void smoothnessIsReached() {
    assertEquals(-4, hessianEigenvalues(new AlgebraicDecay(2, 4), new double[2])[0], 1e-6);
    assertEquals(4, new QuadraticForm(1, -4).smoothness());
  }

  @Test
  void saddlesAreStrictButTheMonkeys() {
    assertTrue(QuadraticForm.saddle(7, 2).criticalPoints().getFirst().isStrictSaddle());
    assertTrue(CHAIN.criticalPoints().getFirst().isStrictSaddle());
    assertFalse(new MonkeySaddle().criticalPoints().getFirst().isStrictSaddle());
    assertEquals(-3, QuadraticForm.hyperbolicParaboloid().value(new double[] {1, 2}));
    assertEquals(-24, QuadraticForm.hill(3).value(new double[] {4}));
  }

  @Test
  void theChainIsTheirsOnItsWay() {
    double tau = SaddleChain.TAU;
    double l = CHAIN.attraction();
    double g = CHAIN.repulsion();
    double[] x = {3 * tau, 5 * tau, 0.4 * tau, 0.3 * tau};
    assertEquals(
        l * tau * tau
            - CHAIN.depth()
            + l * tau * tau
            - CHAIN.depth()
            - g * x[2] * x[2]
            + l * x[3] * x[3],
        CHAIN.value(x),
        1e-9);
    assertEquals(-4 * CHAIN.depth(), CHAIN.infimum());
  }

  /** At τ and 2τ the pieces meet with their first and second derivatives. */
  @Test
  void theChainIsTwiceDifferentiableAtTheSeams() {
    for (double seam : new double[] {SaddleChain.TAU, 2 * SaddleChain.TAU}) {
      for (int side : new int[] {1, -1}) {
        double[] before = {side * (seam - 1e-7), 0.7, 1.1, -0.2};
        double[] after = {side * (seam + 1e-7), 0.7, 1.1, -0.2};
        assertEquals(CHAIN.value(before), CHAIN.value(after), 1e-5);
        double[] first = new double[4];
        double[] second = new double[4];
        CHAIN.gradient(before, first);
        CHAIN.gradient(after, second);
        assertArrayEquals(first, second, 1e-5);
        before[0] = side * (seam - 2e-5);
        after[0] = side * (seam + 2e-5);
        assertArrayEquals(
            hessianEigenvalues(CHAIN, before), hessianEigenvalues(CHAIN, after), 1e-2);
      }
    }
  }

  @Test
  void theChainBendsNoMoreOnItsWayThanStated() {
    SplittableRandom random = new SplittableRandom(5);
    for (SaddleChain chain : List.of(CHAIN, new SaddleChain(4, 1, 3), new SaddleChain(4, 4, 1))) {
      double most = 0;
      double fastest = 0;
      for (int draw = 0; draw < 2000; draw++) {
        int left = random.nextInt(4);
        double[] x = new double[4];
        for (int i = 0; i < 4; i++) {
          x[i] =
              SaddleChain.TAU
                  * (i < left
                      ? 2 + 4 * random.nextDouble()
                      : i == left ? 2 * random.nextDouble() : random.nextDouble());
        }
        double[] here = hessianEigenvalues(chain, x);
        most = Math.max(most, Math.max(-here[0], here[3]));
        double[] moved = x.clone();
        double length = 0;
        for (int i = 0; i < 4; i++) {
          double step = 1e-3 * random.nextGaussian();
          moved[i] += step;
          length += step * step;
        }
        double[] there = hessianEigenvalues(chain, moved);
        for (int i = 0; i < 4; i++) {
          fastest = Math.max(fastest, Math.abs(there[i] - here[i]) / Math.sqrt(length));
        }
      }
      assertTrue(most <= chain.smoothnessOnTheWay(), most + "");
      assertTrue(most > chain.smoothnessOnTheWay() / 4, most + "");
      assertTrue(fastest <= chain.hessianSmoothnessOnTheWay(), fastest + "");
    }
  }

  @Test
  void termsAverageToTheFunction() {
    SplittableRandom random = new SplittableRandom(6);
    for (FiniteSum sum :
        List.of(
            new LinearNetwork(new double[] {1, 2, 0.5}, new double[] {3, 1, 2}, 2),
            TiltedSum.gaussian(new CosineWells(2), 5, 0.3, random))) {
      double[] x = point(sum, 2, random);
      double[] expected = new double[x.length];
      double[] actual = new double[x.length];
      sum.gradient(x, expected);
      sum.batchGradient(x, IntStream.range(0, sum.terms()).toArray(), actual);
      assertArrayEquals(expected, actual, 1e-12);
    }
  }

  @Test
  void tiltsHaveTheirVariance() {
    TiltedSum sum =
        TiltedSum.gaussian(QuadraticForm.saddle(3, 1), 50, 0.3, new SplittableRandom(1));
    double squares = 0;
    double fourth = 0;
    double[] tilt = new double[3];
    for (int i = 0; i < sum.terms(); i++) {
      sum.batchGradient(new double[3], new int[] {i}, tilt);
      squares += tilt[2] * tilt[2] / sum.terms();
      fourth += Math.pow(tilt[2], 4) / sum.terms();
    }
    assertEquals(0.09, squares, 1e-15);
    assertEquals(fourth, sum.fourthMoment(2), 1e-15);
  }

  /** Nothing is known at the origin of a network, not even by one example. */
  @Test
  void miniBatchesMakeNoNoiseAtTheOriginOfANetwork() {
    LinearNetwork network = new LinearNetwork(new double[] {1, 2}, new double[] {3, 1}, 3);
    double[] gradient = new double[network.dimension()];
    for (int i = 0; i < network.terms(); i++) {
      network.batchGradient(new double[gradient.length], new int[] {i}, gradient);
      assertArrayEquals(new double[gradient.length], gradient);
    }
  }

  @Test
  void whatCannotBe() {
    assertThrows(IllegalArgumentException.class, () -> new QuadraticForm());
    assertThrows(IllegalArgumentException.class, () -> new AlgebraicDecay(1, 0));
    assertThrows(IllegalArgumentException.class, () -> new CosineWells(0));
    assertThrows(IllegalArgumentException.class, () -> new SaddleChain(3, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> new MatrixFactorization(2, 2, 3, 2, 1));
    assertThrows(IllegalArgumentException.class, () -> new MatrixFactorization(2, 2, 1, 1, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> new LinearNetwork(new double[] {1}, new double[] {0}, 1));
    assertThrows(
        IllegalArgumentException.class, () -> new CriticalPoint(new double[2], new double[1]));
  }
}
