package org.basin.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.basin.engine.reference.ReferenceObjective;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.Parameterization;
import org.basin.train.BatchNormPolicy;
import org.basin.train.LossFunction;
import org.basin.train.Objective;
import org.basin.train.ObjectiveOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every engine's objectives meets: the double-precision reference's values on random small
 * networks over the whole space of options, and what holds of any Hessian.
 */
public abstract class ObjectiveContract {
  /** Of a vector's norm; single precision through up to four layers. */
  private static final double RELATIVE = 2e-5;

  private static final int VECTORS = 3;

  /** The objective on the engine under test. */
  protected abstract Objective objective(ObjectiveCase c);

  static Stream<ObjectiveCase> cases() {
    return LongStream.range(0, 150).mapToObj(ObjectiveCase::random);
  }

  private static float[] vectors(Objective objective, int count) {
    return ObjectiveCase.gaussian(new SplittableRandom(objective.size()), count * objective.size());
  }

  private static double norm(float[] x) {
    return Math.sqrt(dot(x, x));
  }

  private static double dot(float[] x, float[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += (double) x[i] * y[i];
    }
    return sum;
  }

  private static float[] row(float[] rows, int j, int size) {
    return Arrays.copyOfRange(rows, j * size, (j + 1) * size);
  }

  /** Everything that a caller can ask for at c's point, one value behind the other. */
  protected static float[] answers(ObjectiveCase c, Objective objective) {
    int size = objective.size();
    float[] v = ObjectiveCase.gaussian(new SplittableRandom(1), 3 * size);
    float[] answers = new float[7 * size + 1];
    float[] part = new float[size];
    answers[0] = (float) objective.gradient(c.theta(), part);
    System.arraycopy(part, 0, answers, 1, size);
    float[] products = new float[3 * size];
    objective.hessianVectors(c.theta(), v, 3, products);
    System.arraycopy(products, 0, answers, 1 + size, 3 * size);
    objective.gaussNewtonVectors(c.theta(), v, 3, products);
    System.arraycopy(products, 0, answers, 1 + 4 * size, 3 * size);
    return answers;
  }

  private static void assertClose(String what, float[] expected, float[] actual) {
    assertEquals(expected.length, actual.length, what);
    double squares = 0;
    for (int i = 0; i < expected.length; i++) {
      squares += Math.pow((double) expected[i] - actual[i], 2);
    }
    double error = Math.sqrt(squares);
    double norm = norm(expected);
    assertTrue(
        error <= RELATIVE * (1e-3 + norm), () -> "%s off by %g of %g".formatted(what, error, norm));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithTheReference(ObjectiveCase c) {
    try (Objective reference =
            new ReferenceObjective(c.spec(), c.options(), c.data(), c.statistics());
        Objective tested = objective(c)) {
      int size = reference.size();
      assertEquals(size, tested.size());
      assertEquals(c.data().count(), tested.examples());
      double loss = reference.loss(c.theta());
      assertEquals(loss, tested.loss(c.theta()), 2e-6 * (1 + loss));
      assertClose("outputs", reference.outputs(c.theta()), tested.outputs(c.theta()));

      float[] expected = new float[size];
      float[] actual = new float[size];
      reference.gradient(c.theta(), expected);
      assertEquals(loss, tested.gradient(c.theta(), actual), 2e-6 * (1 + loss));
      assertClose("gradient", expected, actual);

      float[] v = vectors(reference, VECTORS);
      float[] expectedProducts = new float[v.length];
      float[] products = new float[v.length];
      reference.hessianVectors(c.theta(), v, VECTORS, expectedProducts);
      tested.hessianVectors(c.theta(), v, VECTORS, products);
      assertRowsClose("Hv", expectedProducts, products, size);
      reference.gaussNewtonVectors(c.theta(), v, VECTORS, expectedProducts);
      tested.gaussNewtonVectors(c.theta(), v, VECTORS, products);
      assertRowsClose("Gv", expectedProducts, products, size);
    }
  }

  private static void assertRowsClose(String what, float[] expected, float[] actual, int size) {
    for (int j = 0; j < expected.length / size; j++) {
      assertClose(what + " " + j, row(expected, j, size), row(actual, j, size));
    }
  }

  /** One vector at a time, after many and before: nothing of a call is left in the next. */
  @ParameterizedTest
  @MethodSource("cases")
  void vectorsTogetherAreVectorsAlone(ObjectiveCase c) {
    try (Objective tested = objective(c)) {
      int size = tested.size();
      int count = 19; // more than a pass takes
      float[] v = vectors(tested, count);
      float[] together = new float[v.length];
      float[] alone = new float[size];
      tested.hessianVectors(c.theta(), v, 2, together);
      tested.hessianVectors(c.theta(), v, count, together);
      for (int j = 0; j < count; j += 6) {
        tested.hessianVectors(c.theta(), row(v, j, size), 1, alone);
        assertClose("Hv " + j, row(together, j, size), alone);
      }
      tested.gaussNewtonVectors(c.theta(), v, count, together);
      for (int j = 0; j < count; j += 6) {
        tested.gaussNewtonVectors(c.theta(), row(v, j, size), 1, alone);
        assertClose("Gv " + j, row(together, j, size), alone);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void productsAreThoseOfASymmetricMatrix(ObjectiveCase c) {
    try (Objective tested = objective(c)) {
      int size = tested.size();
      float[] v = vectors(tested, 3);
      for (int i = 0; i < size; i++) {
        v[2 * size + i] = 2 * v[i] - 0.5f * v[size + i];
      }
      float[] u = row(v, 0, size);
      float[] w = row(v, 1, size);
      float[] products = new float[v.length];
      tested.hessianVectors(c.theta(), v, 3, products);
      assertSymmetricAndLinear(u, w, products, size);
      tested.gaussNewtonVectors(c.theta(), v, 3, products);
      assertSymmetricAndLinear(u, w, products, size);
      double scale = RELATIVE * norm(u) * norm(row(products, 0, size));
      assertTrue(dot(u, row(products, 0, size)) >= -scale, "positive semidefinite");
    }
  }

  private static void assertSymmetricAndLinear(float[] u, float[] w, float[] products, int size) {
    float[] byU = row(products, 0, size);
    float[] byW = row(products, 1, size);
    double scale = norm(u) * norm(byW) + norm(w) * norm(byU);
    assertEquals(dot(u, byW), dot(w, byU), RELATIVE * (1e-3 + scale), "symmetry");
    float[] combined = new float[size];
    for (int i = 0; i < size; i++) {
      combined[i] = 2 * byU[i] - 0.5f * byW[i];
    }
    assertClose("linear combination", combined, row(products, 2, size));
  }

  @Test
  void lossesAtManyPointsAreThoseOfThePointsAlone() {
    ObjectiveCase c = of(List.of(6, 7), Activation.TANH, LossFunction.CROSS_ENTROPY, 30);
    try (Objective tested = objective(c)) {
      int size = tested.size();
      float[] thetas = vectors(tested, 4);
      double[] losses = tested.losses(thetas, 3);
      assertEquals(3, losses.length);
      for (int i = 0; i < 3; i++) {
        double alone = tested.loss(row(thetas, i, size));
        assertEquals(alone, losses[i], 2e-6 * (1 + alone), "loss " + i);
      }
    }
  }

  private static ObjectiveCase of(
      List<Integer> hidden, Activation activation, LossFunction loss, int count) {
    MlpSpec spec =
        new MlpSpec(
            5,
            hidden,
            3,
            activation,
            true,
            false,
            Initialization.PYTORCH,
            Parameterization.STANDARD,
            4);
    return ObjectiveCase.of(
        spec,
        new ObjectiveOptions(loss, 0, 0, BatchNormPolicy.FROZEN),
        count,
        new SplittableRandom(8));
  }

  /** Outputs linear in θ: no second term. */
  @Test
  void gaussNewtonIsTheHessianOfALinearModel() {
    for (LossFunction loss : LossFunction.values()) {
      ObjectiveCase c = of(List.of(), Activation.IDENTITY, loss, 30);
      try (Objective tested = objective(c)) {
        float[] v = vectors(tested, 1);
        float[] hessian = new float[v.length];
        float[] gaussNewton = new float[v.length];
        tested.hessianVectors(c.theta(), v, 1, hessian);
        tested.gaussNewtonVectors(c.theta(), v, 1, gaussNewton);
        assertClose("Gv", hessian, gaussNewton);
      }
    }
  }

  /** More examples than fit in a pass, their last part shorter. */
  @ParameterizedTest
  @MethodSource("manyExamples")
  void manyExamplesAgreeWithTheReference(ObjectiveCase c) {
    agreesWithTheReference(c);
  }

  static Stream<ObjectiveCase> manyExamples() {
    return Stream.of(
        of(List.of(6, 7), Activation.TANH, LossFunction.CROSS_ENTROPY, 1500),
        of(List.of(3), Activation.RELU, LossFunction.MSE, 1025),
        of(List.of(6), Activation.GELU, LossFunction.CROSS_ENTROPY, 1027));
  }

  /** Where the loss has almost vanished, its derivatives keep their digits. */
  @Test
  void confidentOutputsKeepTheirDigits() {
    ObjectiveCase c = of(List.of(), Activation.IDENTITY, LossFunction.CROSS_ENTROPY, 1);
    float[] theta = new float[18];
    theta[15 + c.data().labels()[0]] = 16; // p of the own class is 1 - 2e-7
    try (Objective reference =
            new ReferenceObjective(c.spec(), c.options(), c.data(), c.statistics());
        Objective tested = objective(c)) {
      float[] expected = new float[18];
      float[] actual = new float[18];
      double loss = reference.gradient(theta, expected);
      assertEquals(loss, tested.gradient(theta, actual), 1e-5 * loss);
      assertArrayEquals(expected, actual, (float) (1e-5 * norm(expected)));
      float[] v = vectors(tested, 1);
      reference.hessianVectors(theta, v, 1, expected);
      tested.hessianVectors(theta, v, 1, actual);
      assertArrayEquals(expected, actual, (float) (1e-5 * norm(expected)));
    }
  }

  /** Values that are not finite are answered, not thrown. */
  @Test
  void divergedParametersGiveALossThatIsNotANumber() {
    ObjectiveCase c = of(List.of(6), Activation.TANH, LossFunction.CROSS_ENTROPY, 10);
    float[] theta = c.theta().clone();
    theta[0] = Float.NaN;
    try (Objective tested = objective(c)) {
      assertEquals(Double.NaN, tested.loss(theta));
      assertTrue(Double.isFinite(tested.loss(c.theta())), "and the next call is not touched by it");
    }
  }
}
