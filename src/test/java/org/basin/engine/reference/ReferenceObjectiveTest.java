package org.basin.engine.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.basin.data.Examples;
import org.basin.engine.ObjectiveCase;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.ParameterLayout;
import org.basin.model.Parameterization;
import org.basin.train.BatchNormPolicy;
import org.basin.train.LossFunction;
import org.basin.train.ObjectiveOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The oracle against differences of its own values, and against closed forms. */
class ReferenceObjectiveTest {

  static LongStream seeds() {
    return LongStream.range(0, 80);
  }

  private static ReferenceObjective objective(ObjectiveCase c) {
    return new ReferenceObjective(c.spec(), c.options(), c.data(), c.statistics());
  }

  private static double[] widen(float[] values) {
    double[] widened = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      widened[i] = values[i];
    }
    return widened;
  }

  private static double[] moved(double[] theta, double[] v, double by) {
    double[] moved = theta.clone();
    for (int i = 0; i < v.length; i++) {
      moved[i] += by * v[i];
    }
    return moved;
  }

  private static double dot(double[] x, double[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * y[i];
    }
    return sum;
  }

  private static double norm(double[] x) {
    return Math.sqrt(dot(x, x));
  }

  /** A unit vector. */
  private static double[] direction(SplittableRandom random, int size) {
    double[] v = widen(ObjectiveCase.gaussian(random, size));
    double norm = norm(v);
    for (int i = 0; i < size; i++) {
      v[i] /= norm;
    }
    return v;
  }

  private static void assertClose(double[] expected, double[] actual, double relative) {
    double error = norm(moved(expected, actual, -1));
    assertTrue(
        error <= relative * (1e-3 + norm(expected)),
        () -> "off by %.3g of %.3g".formatted(error, norm(expected)));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void gradientIsTheSlopeOfTheLoss(long seed) {
    ObjectiveCase c = ObjectiveCase.random(seed);
    ReferenceObjective objective = objective(c);
    double[] theta = widen(c.theta());
    double[] v = direction(new SplittableRandom(seed + 1000), theta.length);
    double h = 1e-5;
    double above = objective.loss(moved(theta, v, h));
    double below = objective.loss(moved(theta, v, -h));
    assertEquals((above - below) / (2 * h), dot(objective.gradient(theta), v), 1e-7);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void hessianVectorIsTheDifferenceOfGradients(long seed) {
    ObjectiveCase c = ObjectiveCase.random(seed);
    ReferenceObjective objective = objective(c);
    double[] theta = widen(c.theta());
    double[] v = direction(new SplittableRandom(seed + 1000), theta.length);
    // Short enough that no unit of ReLU crosses its kink in these cases.
    double h = 1e-5;
    double[] above = objective.gradient(moved(theta, v, h));
    double[] below = objective.gradient(moved(theta, v, -h));
    double[] difference = moved(new double[theta.length], moved(above, below, -1), 1 / (2 * h));
    assertClose(difference, objective.hessianVector(theta, v), 3e-7);
  }

  private static ObjectiveCase linearModel(LossFunction loss) {
    MlpSpec spec =
        new MlpSpec(
            4,
            List.of(),
            3,
            Activation.IDENTITY,
            true,
            false,
            Initialization.HE,
            Parameterization.STANDARD,
            4);
    ObjectiveOptions options = new ObjectiveOptions(loss, 0.1, 0.05, BatchNormPolicy.FROZEN);
    return ObjectiveCase.of(spec, options, 9, new SplittableRandom(5));
  }

  /**
   * Softmax regression: H = (1/n) Σ (diag p - ppᵀ) ⊗ xxᵀ, and least squares: H = 2/(K n) Σ I ⊗ xxᵀ,
   * x with a last 1; and c on the weights' diagonal. G is H.
   */
  @ParameterizedTest
  @EnumSource(LossFunction.class)
  void linearModelHasTheClosedForm(LossFunction loss) {
    ObjectiveCase c = linearModel(loss);
    ReferenceObjective objective = objective(c);
    double[] theta = widen(c.theta());
    Examples data = c.data();
    int classes = 3;
    int rows = 5; // four features and the bias: θ[k classes + j] meets x_k
    double[][] hessian = new double[rows * classes][rows * classes];
    for (int i = 0; i < data.count(); i++) {
      double[] x = new double[rows];
      for (int k = 0; k < 4; k++) {
        x[k] = data.inputs()[i * 4 + k];
      }
      x[4] = 1;
      double[] f = new double[classes];
      for (int k = 0; k < rows; k++) {
        for (int j = 0; j < classes; j++) {
          f[j] += x[k] * theta[k * classes + j];
        }
      }
      double sum = Math.exp(f[0]) + Math.exp(f[1]) + Math.exp(f[2]);
      for (int r = 0; r < hessian.length; r++) {
        for (int s = 0; s < hessian.length; s++) {
          int j = r % classes;
          int m = s % classes;
          double pj = Math.exp(f[j]) / sum;
          double pm = Math.exp(f[m]) / sum;
          double byOutputs =
              switch (loss) {
                case CROSS_ENTROPY -> (j == m ? pj : 0) - pj * pm;
                case MSE -> j == m ? 2.0 / classes : 0;
              };
          hessian[r][s] += byOutputs * x[r / classes] * x[s / classes] / data.count();
        }
      }
    }
    for (int r = 0; r < 4 * classes; r++) {
      hessian[r][r] += 0.05;
    }
    for (int s = 0; s < hessian.length; s++) {
      double[] unit = new double[hessian.length];
      unit[s] = 1;
      assertClose(hessian[s], objective.hessianVector(theta, unit), 1e-12);
      assertClose(hessian[s], objective.gaussNewtonVector(theta, unit), 1e-12);
    }
  }

  /** vᵀ G v with J v from differences of the outputs. */
  @ParameterizedTest
  @MethodSource("seeds")
  void gaussNewtonVectorIsJacobianLossHessianJacobian(long seed) {
    ObjectiveCase c = ObjectiveCase.random(seed);
    ObjectiveOptions o = c.options();
    // MSE: vᵀ G v = 2/(K n) ‖J v‖² + c ‖v_w‖².
    ObjectiveOptions mse =
        new ObjectiveOptions(LossFunction.MSE, o.labelSmoothing(), 0, o.batchNorm());
    ReferenceObjective objective = new ReferenceObjective(c.spec(), mse, c.data(), c.statistics());
    double[] theta = widen(c.theta());
    double[] v = direction(new SplittableRandom(seed + 1000), theta.length);
    double h = 1e-5;
    double[][] above = outputs(c, moved(theta, v, h));
    double[][] below = outputs(c, moved(theta, v, -h));
    double squares = 0;
    for (int i = 0; i < above.length; i++) {
      for (int k = 0; k < above[i].length; k++) {
        double slope = (above[i][k] - below[i][k]) / (2 * h);
        squares += slope * slope;
      }
    }
    double expected = 2 * squares / (c.spec().outputs() * c.data().count());
    assertEquals(expected, dot(v, objective.gaussNewtonVector(theta, v)), 1e-7 * (1 + expected));
  }

  private static double[][] outputs(ObjectiveCase c, double[] theta) {
    ReferenceGradient network = new ReferenceGradient(c.spec(), LossFunction.MSE);
    double[][] x = new double[c.data().count()][c.spec().inputs()];
    for (int i = 0; i < x.length; i++) {
      for (int k = 0; k < x[i].length; k++) {
        x[i][k] = c.data().inputs()[i * x[i].length + k];
      }
    }
    boolean frozen = c.options().batchNorm() == BatchNormPolicy.FROZEN;
    network.forward(
        theta,
        frozen ? widen(c.statistics().runningMean()) : null,
        frozen ? widen(c.statistics().runningVariance()) : null,
        x);
    return network.logits;
  }

  @Test
  void parameterLayoutIsTheOneAssumedHere() {
    ParameterLayout layout = new ParameterLayout(linearModel(LossFunction.MSE).spec());
    assertEquals(12, layout.bias(0));
    assertEquals(15, layout.size());
  }
}
