package org.basin.landscape.curvature;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.basin.engine.EngineRegistry;
import org.basin.engine.ObjectiveCase;
import org.basin.engine.reference.ReferenceObjective;
import org.basin.landscape.curvature.HessianMeasurement.Eigenvalue;
import org.basin.linalg.Uncertain;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.Parameterization;
import org.basin.train.BatchNormPolicy;
import org.basin.train.LossFunction;
import org.basin.train.Objective;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.EigenDecompositionSymmetric;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The engine's curvature against closed forms and against exact Hessians in double precision. */
class HessianProbeTest {
  private static final double RELATIVE = 1e-4;

  private static ObjectiveCase network(
      List<Integer> hidden, Activation activation, ObjectiveOptions options, boolean batchNorm) {
    MlpSpec spec =
        new MlpSpec(
            8,
            hidden,
            4,
            activation,
            true,
            batchNorm,
            Initialization.PYTORCH,
            Parameterization.STANDARD,
            8);
    return ObjectiveCase.of(spec, options, 60, new SplittableRandom(11));
  }

  private static HessianMeasurement measure(ObjectiveCase c, long seed) {
    try (ObjectiveEngine engine = EngineRegistry.standard().openObjectives("auto", 1);
        Objective objective = engine.objective(c.spec(), c.options(), c.data(), c.statistics())) {
      return HessianProbe.measure(
          objective, c.theta(), new HessianOptions(6, 3, 99), new SplittableRandom(seed));
    }
  }

  /** Columns of H, or of G, in double precision. */
  private static double[][] dense(ObjectiveCase c, boolean gaussNewton) {
    try (ReferenceObjective oracle =
        new ReferenceObjective(c.spec(), c.options(), c.data(), c.statistics())) {
      int size = oracle.size();
      double[] theta = new double[size];
      Arrays.setAll(theta, i -> c.theta()[i]);
      double[][] columns = new double[size][];
      for (int i = 0; i < size; i++) {
        double[] unit = new double[size];
        unit[i] = 1;
        columns[i] =
            gaussNewton ? oracle.gaussNewtonVector(theta, unit) : oracle.hessianVector(theta, unit);
      }
      for (int i = 0; i < size; i++) {
        for (int j = 0; j < i; j++) {
          columns[i][j] = columns[j][i]; // alike but for their last digits
        }
      }
      return columns;
    }
  }

  /** Descending. */
  private static double[] eigenvalues(double[][] matrix) {
    return new EigenDecompositionSymmetric(new Array2DRowRealMatrix(matrix, false))
        .getEigenvalues();
  }

  private static double trace(double[][] matrix) {
    double sum = 0;
    for (int i = 0; i < matrix.length; i++) {
      sum += matrix[i][i];
    }
    return sum;
  }

  private static void assertCovers(String what, double truth, Uncertain measured) {
    double allowed = 4 * measured.standardError();
    assertTrue(
        Math.abs(measured.value() - truth) <= allowed,
        () -> "%s: %s, in truth %g".formatted(what, measured, truth));
  }

  private static void assertAgrees(ObjectiveCase c, HessianMeasurement measured) {
    double[][] hessian = dense(c, false);
    double[][] gaussNewton = dense(c, true);
    double[] spectrum = eigenvalues(hessian);
    int size = spectrum.length;
    double scale = RELATIVE * 1e-2 * spectrum[0];
    for (int i = 0; i < 6; i++) {
      Eigenvalue found = measured.largest().get(i);
      assertTrue(found.eigenvalue().converged(), found::toString);
      double value = found.eigenvalue().value();
      assertEquals(spectrum[i], value, RELATIVE * Math.abs(spectrum[i]) + scale);
    }
    for (int i = 0; i < 3; i++) {
      double truth = spectrum[size - 1 - i];
      double value = measured.smallest().get(i).eigenvalue().value();
      assertEquals(truth, value, RELATIVE * Math.abs(truth) + scale);
    }
    assertCovers("tr H", trace(hessian), measured.trace());
    assertCovers("tr G", trace(gaussNewton), measured.gaussNewtonTrace());
    assertCovers("tr R", trace(hessian) - trace(gaussNewton), measured.residualTrace());
    double top = eigenvalues(gaussNewton)[0];
    assertEquals(top, measured.gaussNewtonLargest().eigenvalue().value(), RELATIVE * top);
    assertGradient(c, hessian, measured);
  }

  private static void assertGradient(
      ObjectiveCase c, double[][] hessian, HessianMeasurement measured) {
    EigenDecompositionSymmetric exact =
        new EigenDecompositionSymmetric(new Array2DRowRealMatrix(hessian, false));
    double[] theta = new double[hessian.length];
    Arrays.setAll(theta, i -> c.theta()[i]);
    try (ReferenceObjective oracle =
        new ReferenceObjective(c.spec(), c.options(), c.data(), c.statistics())) {
      double[] gradient = oracle.gradient(theta);
      double squares = 0;
      for (double value : gradient) {
        squares += value * value;
      }
      assertCovers("gradient norm", Math.sqrt(squares), measured.gradientNorm());
      double within = 0;
      for (int i = 0; i < 6; i++) {
        double part = 0;
        for (int j = 0; j < gradient.length; j++) {
          part += gradient[j] * exact.getEigenvector(i).getEntry(j);
        }
        within += part * part;
      }
      assertCovers("overlap", within / squares, measured.gradientOverlap());
      assertTrue(measured.gradientOverlap().standardError() < 0.01, "the overlap is known well");
    }
  }

  @ParameterizedTest
  @EnumSource(BatchNormPolicy.class)
  void aNetworkWithEveryTermOfItsObjective(BatchNormPolicy policy) {
    // 8-12-10-4 with batch normalisation, smoothing and penalty: 326 parameters, past the size up
    // to which the whole matrix is taken.
    ObjectiveCase c =
        network(
            List.of(12, 10),
            Activation.TANH,
            new ObjectiveOptions(LossFunction.CROSS_ENTROPY, 0.1, 0.01, policy),
            true);
    HessianMeasurement measured = measure(c, 1);
    assertEquals(326, measured.parameters());
    assertEquals(60, measured.examples());
    assertAgrees(c, measured);
    assertTrue(measured.negativeCurvature(), "random parameters are no minimum");
  }

  /**
   * Softmax regression: H = (1/n) Σ_i (diag p_i − p_i p_iᵀ) ⊗ x̃_i x̃_iᵀ with x̃ = (x, 1), written
   * down here. It is convex, and its nullspace (a shift of all logits) is no negative curvature.
   */
  @Test
  void softmaxRegression() {
    ObjectiveCase c =
        network(
            List.of(),
            Activation.IDENTITY,
            new ObjectiveOptions(LossFunction.CROSS_ENTROPY, 0, 0, BatchNormPolicy.FROZEN),
            false);
    double[] spectrum = eigenvalues(softmaxRegressionHessian(c));
    double trace = Arrays.stream(spectrum).sum();
    HessianMeasurement measured = measure(c, 1);
    for (int i = 0; i < 6; i++) {
      assertEquals(
          spectrum[i], measured.largest().get(i).eigenvalue().value(), RELATIVE * spectrum[i]);
    }
    assertEquals(trace, measured.trace().value(), 1e-6 * trace);
    assertEquals(trace, measured.gaussNewtonTrace().value(), 1e-6 * trace);
    assertCovers("no residual", 0, measured.residualTrace());
    assertTrue(measured.residualTrace().standardError() < 1e-5 * trace);
    assertFalse(measured.negativeCurvature());
    double smallest = measured.smallest().getFirst().eigenvalue().value();
    assertTrue(Math.abs(smallest) <= measured.noiseFloor(), "a null direction is in the null band");
  }

  private static double[][] softmaxRegressionHessian(ObjectiveCase c) {
    int features = 8;
    int classes = 4;
    int count = c.data().count();
    double[][] hessian = new double[36][36];
    for (int e = 0; e < count; e++) {
      double[] x = new double[features + 1];
      for (int j = 0; j < features; j++) {
        x[j] = c.data().inputs()[e * features + j];
      }
      x[features] = 1; // the biases follow the weights in θ
      double[] p = new double[classes];
      for (int k = 0; k < classes; k++) {
        for (int j = 0; j <= features; j++) {
          p[k] += x[j] * c.theta()[j * classes + k];
        }
        p[k] = Math.exp(p[k]);
      }
      double sum = Arrays.stream(p).sum();
      for (int a = 0; a < 36; a++) {
        for (int b = 0; b < 36; b++) {
          double pa = p[a % classes] / sum;
          double pb = p[b % classes] / sum;
          double s = (a % classes == b % classes ? pa : 0) - pa * pb;
          hessian[a][b] += s * x[a / classes] * x[b / classes] / count;
        }
      }
    }
    return hessian;
  }

  @Test
  void aSeedDecidesEveryNumber() {
    ObjectiveCase c =
        network(
            List.of(12, 10),
            Activation.RELU,
            new ObjectiveOptions(LossFunction.MSE, 0, 0, BatchNormPolicy.FROZEN),
            false);
    assertEquals(measure(c, 5), measure(c, 5));
    assertNotEquals(measure(c, 5).trace(), measure(c, 6).trace());
  }

  @Test
  void aNetworkOfFewerParametersThanEigenvaluesAskedFor() {
    MlpSpec spec =
        new MlpSpec(
            1,
            List.of(),
            2,
            Activation.IDENTITY,
            true,
            false,
            Initialization.PYTORCH,
            Parameterization.STANDARD,
            8);
    ObjectiveCase c =
        ObjectiveCase.of(
            spec,
            new ObjectiveOptions(LossFunction.CROSS_ENTROPY, 0, 0, BatchNormPolicy.FROZEN),
            20,
            new SplittableRandom(1));
    HessianMeasurement measured = measure(c, 1);
    assertEquals(4, measured.largest().size());
    assertEquals(3, measured.smallest().size());
    assertEquals(1, measured.gradientOverlap().value(), 1e-6);
  }
}
