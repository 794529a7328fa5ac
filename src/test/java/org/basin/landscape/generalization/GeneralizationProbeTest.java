package org.basin.landscape.generalization;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.basin.InvalidInputException;
import org.basin.data.Examples;
import org.basin.data.Split;
import org.basin.engine.EngineRegistry;
import org.basin.engine.ObjectiveCase;
import org.basin.landscape.Retraining;
import org.basin.landscape.Subject;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Measurement;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.ParameterLayout;
import org.basin.model.Parameterization;
import org.basin.train.BatchNormPolicy;
import org.basin.train.LossEvaluation;
import org.basin.train.LossFunction;
import org.basin.train.Objective;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;
import org.basin.train.TrainingOptions;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.junit.jupiter.api.Test;

class GeneralizationProbeTest {
  // Open as long as the tests run.
  private static final ObjectiveEngine ENGINE = EngineRegistry.standard().openObjectives("auto", 1);
  private static final GeneralizationOptions FEW = new GeneralizationOptions(0.1, 4, 0.05, 0.95);

  private static MlpSpec spec(int inputs, List<Integer> hidden, int outputs, boolean norm) {
    return new MlpSpec(
        inputs,
        hidden,
        outputs,
        Activation.RELU,
        true,
        norm,
        Initialization.PYTORCH,
        Parameterization.STANDARD,
        8);
  }

  private static ObjectiveOptions options(BatchNormPolicy policy) {
    return new ObjectiveOptions(LossFunction.CROSS_ENTROPY, 0, 0, policy);
  }

  private static ObjectiveCase network(MlpSpec spec, int examples) {
    return ObjectiveCase.of(
        spec, options(BatchNormPolicy.FROZEN), examples, new SplittableRandom(3));
  }

  private static NetworkState state(ObjectiveCase c) {
    return new NetworkState(
        c.theta(), c.statistics().runningMean(), c.statistics().runningVariance());
  }

  private static Subject subject(ObjectiveCase c, float[] initial, Examples test) {
    return new Subject(
        c.spec(),
        TrainingOptions.DEFAULTS,
        state(c),
        initial,
        c.data(),
        new Split(c.data(), c.data().select(new int[0]), test, ""),
        c.options(),
        ENGINE,
        null,
        new NoRetraining(),
        null);
  }

  private static Measurement measure(GeneralizationOptions options, Subject subject)
      throws InterruptedException {
    return GeneralizationProbe.KIND.open(options).measure(subject, new SplittableRandom(1));
  }

  private static Uncertain scalar(Measurement measurement, String name) {
    Uncertain value = measurement.scalars().get(name);
    assertTrue(value != null, name);
    return value;
  }

  private static void assertValue(double expected, Measurement measurement, String name) {
    Uncertain value = scalar(measurement, name);
    assertTrue(value.converged(), name);
    assertEquals(expected, value.value(), 1e-6 * Math.abs(expected), name);
  }

  /** 2-2-2 with W_1 = diag(3, 2), W_2 = diag(1, 4), started at diag(1, 2), diag(1, 1). */
  @Test
  void diagonalNetworkByHand() throws InterruptedException {
    MlpSpec spec = spec(2, List.of(2), 2, false);
    float[] theta = {3, 0, 0, 2, 0, 0, 1, 0, 0, 4, 0, 0};
    float[] initial = {1, 0, 0, 2, 0, 0, 1, 0, 0, 1, 0, 0};
    // Outputs (3, 8), (6, 0), (0, 8), (9, 16): margins -5, 6, 8, 7.
    Examples data =
        new Examples(new float[] {1, 1, 2, 0, 0, 1, 3, 2}, new int[] {0, 0, 1, 1}, 2, 2);
    ObjectiveCase c =
        new ObjectiveCase(
            spec,
            options(BatchNormPolicy.FROZEN),
            data,
            new NetworkState(theta, new float[0], new float[0]),
            theta);
    Measurement measured = measure(FEW, subject(c, initial, data.select(new int[] {1, 2})));
    assertValue(Math.sqrt(9 + 4 + 1 + 16), measured, "frobeniusNorm");
    assertValue(Math.sqrt(13 * 17), measured, "frobeniusProduct");
    assertValue(12, measured, "spectralProduct");
    assertValue(13 / 9.0 + 17 / 16.0, measured, "stableRankSum");
    assertValue(Math.sqrt(9 * 1 + 4 * 16), measured, "pathNorm");
    assertValue(Math.sqrt(4 + 9), measured, "distanceFromStart");
    assertValue(Math.sqrt(4 + 9), measured, "spectralDistanceFromStart");
    assertValue(4 / 9.0 + 9 / 16.0, measured, "relativeDistanceFromStart");
    double complexity = 12 * Math.pow(Math.pow(2 / 3.0, 2 / 3.0) + Math.pow(3 / 4.0, 2 / 3.0), 1.5);
    assertValue(complexity, measured, "spectralComplexity");
    double margin = -5 + 0.3 * 11;
    assertValue(margin, measured, "margin");
    assertValue(-5, measured, "marginMinimum");
    assertValue(6.5, measured, "marginMedian");
    assertValue(margin / 12, measured, "spectralMargin");
    assertValue(margin / Math.sqrt(73), measured, "pathMargin");
    assertValue(margin * 4 / complexity / Math.sqrt(2 + 4 + 1 + 13), measured, "complexityMargin");
    assertEquals(-0.25, scalar(measured, "errorGap").value(), 1e-12);
    assertEquals(0, scalar(measured, "errorGap").standardError());
  }

  @Test
  void gapsAreThoseOfTheNetworkAsItWasTrained() throws InterruptedException {
    for (boolean norm : new boolean[] {false, true}) {
      ObjectiveCase c = network(spec(5, List.of(7, 6), 3, norm), 30);
      Examples test = ObjectiveCase.of(c.spec(), c.options(), 40, new SplittableRandom(9)).data();
      Measurement measured = measure(FEW, subject(c, c.theta(), test));
      LossEvaluation onTrain = evaluate(c, c.data());
      LossEvaluation onTest = evaluate(c, test);
      Uncertain error = scalar(measured, "errorGap");
      assertEquals(onTest.error() - onTrain.error(), error.value(), 1e-12);
      double binomial = Math.sqrt(onTest.error() * (1 - onTest.error()) / 39);
      assertEquals(binomial, error.standardError(), 1e-12);
      assertEquals(onTest.loss() - onTrain.loss(), scalar(measured, "lossGap").value(), 1e-5);
      assertEquals(
          norm ? 5 * 7 + 7 * 6 + 6 * 3 + 16 : c.theta().length,
          ((GeneralizationDetails) measured.details()).parameters());
    }
  }

  private static LossEvaluation evaluate(ObjectiveCase c, Examples examples) {
    try (Objective objective = ENGINE.objective(c.spec(), c.options(), examples, state(c))) {
      return LossEvaluation.of(
          LossFunction.CROSS_ENTROPY,
          objective.outputs(c.theta()),
          examples.labels(),
          examples.classes(),
          0);
    }
  }

  @Property(tries = 20, seed = "5")
  void foldingLeavesTheFunction(@ForAll @LongRange(min = 1, max = 1000) long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    MlpSpec spec =
        new MlpSpec(
            4,
            List.of(6, 5),
            3,
            Activation.TANH,
            random.nextBoolean(),
            true,
            Initialization.PYTORCH,
            Parameterization.STANDARD,
            8);
    ObjectiveCase c = ObjectiveCase.of(spec, options(BatchNormPolicy.FROZEN), 20, random);
    FoldedNetwork folded = FoldedNetwork.of(spec, state(c));
    assertFalse(folded.spec().batchNorm());
    NetworkState none = new NetworkState(folded.theta(), new float[0], new float[0]);
    try (Objective before = ENGINE.objective(spec, c.options(), c.data(), state(c));
        Objective after = ENGINE.objective(folded.spec(), c.options(), c.data(), none)) {
      assertArrayEquals(before.outputs(c.theta()), after.outputs(folded.theta()), 2e-5f);
    }
  }

  /** What multiplies a neuron's incoming weights and divides its outgoing ones changes nothing. */
  @Property(tries = 5, seed = "6")
  void pathNormAndMagnitudeNoiseDoNotSeeTheScaleOfANeuron(
      @ForAll @LongRange(min = 1, max = 1000) long seed) throws InterruptedException {
    ObjectiveCase c =
        ObjectiveCase.of(
            spec(4, List.of(6), 3, false),
            options(BatchNormPolicy.FROZEN),
            40,
            new SplittableRandom(seed));
    ParameterLayout layout = new ParameterLayout(c.spec());
    float[] rescaled = c.theta().clone();
    for (int unit = 0; unit < 6; unit += 2) {
      for (int i = 0; i < 4; i++) {
        rescaled[layout.weight(0) + i * 6 + unit] *= 8;
      }
      rescaled[layout.bias(0) + unit] *= 8;
      for (int k = 0; k < 3; k++) {
        rescaled[layout.weight(1) + unit * 3 + k] /= 8;
      }
    }
    Examples easy = c.data().withLabels(answers(c));
    ObjectiveCase one = new ObjectiveCase(c.spec(), c.options(), easy, c.statistics(), c.theta());
    ObjectiveCase other = new ObjectiveCase(c.spec(), c.options(), easy, c.statistics(), rescaled);
    Measurement before = measure(FEW, subject(one, c.theta(), easy));
    Measurement after = measure(FEW, subject(other, c.theta(), easy));
    assertEquals(scalar(before, "pathNorm").value(), scalar(after, "pathNorm").value(), 1e-5);
    assertEquals(
        scalar(before, "magnitudeNoiseSize").value(),
        scalar(after, "magnitudeNoiseSize").value(),
        1e-6);
    assertTrue(
        scalar(after, "frobeniusNorm").value() > 1.5 * scalar(before, "frobeniusNorm").value());
  }

  private static int[] answers(ObjectiveCase c) {
    int classes = c.spec().outputs();
    int[] answers = new int[c.data().count()];
    try (Objective objective = ENGINE.objective(c.spec(), c.options(), c.data(), state(c))) {
      float[] outputs = objective.outputs(c.theta());
      for (int i = 0; i < answers.length; i++) {
        for (int k = 1; k < classes; k++) {
          if (outputs[i * classes + k] > outputs[i * classes + answers[i]]) {
            answers[i] = k;
          }
        }
      }
    }
    return answers;
  }

  /**
   * One example of margin m between two outputs without hidden layers: under noise σ its margin is
   * N(m, 2σ²), so that the error is Φ(−m / (σ√2)).
   */
  @Test
  void noiseOfAKnownSize() throws InterruptedException {
    MlpSpec spec =
        new MlpSpec(
            1,
            List.of(),
            2,
            Activation.RELU,
            false,
            false,
            Initialization.PYTORCH,
            Parameterization.STANDARD,
            8);
    float[] theta = {2, 0.5f};
    Examples data = new Examples(new float[] {1, 1, 1}, new int[] {0, 0, 0}, 1, 2);
    ObjectiveCase c =
        new ObjectiveCase(
            spec,
            options(BatchNormPolicy.FROZEN),
            data,
            new NetworkState(theta, new float[0], new float[0]),
            theta);
    GeneralizationOptions many = new GeneralizationOptions(0.2, 20_000, 0.001, 0.95);
    Measurement measured = measure(many, subject(c, new float[] {0, 0}, data));
    double expected =
        1.5 / Math.sqrt(2) / new NormalDistribution().inverseCumulativeProbability(0.8);
    Uncertain size = scalar(measured, "noiseSize");
    assertTrue(size.converged());
    assertTrue(size.standardError() < 0.03 * expected, size.toString());
    assertEquals(expected, size.value(), 3 * size.standardError());
    double magnitude = expected * Math.sqrt(2) / Math.sqrt(4 + 0.25);
    Uncertain relative = scalar(measured, "magnitudeNoiseSize");
    assertEquals(magnitude, relative.value(), 3 * relative.standardError());
    assertEquals("vacuous", ((GeneralizationDetails) measured.details()).bound());
  }

  /** Labels that are all wrong cannot become more wrong. */
  @Test
  void aSizeThatDoesNotExistIsNotConverged() throws InterruptedException {
    ObjectiveCase c = network(spec(4, List.of(6), 2, false), 20);
    int[] wrong = Arrays.stream(answers(c)).map(answer -> 1 - answer).toArray();
    Examples data = c.data().withLabels(wrong);
    ObjectiveCase hopeless =
        new ObjectiveCase(c.spec(), c.options(), data, c.statistics(), c.theta());
    Measurement measured = measure(FEW, subject(hopeless, c.theta(), data));
    assertFalse(scalar(measured, "noiseSize").converged());
    assertFalse(scalar(measured, "pacBayesBound").converged());
    assertEquals("none", ((GeneralizationDetails) measured.details()).bound());
  }

  @Test
  void statisticsOfTheBatchAreRefused() {
    ObjectiveCase c =
        ObjectiveCase.of(
            spec(4, List.of(6), 2, true),
            options(BatchNormPolicy.BATCH),
            20,
            new SplittableRandom(4));
    Subject subject = subject(c, c.theta(), c.data());
    assertEquals(
        "the generalization probe's batchNorm is batch, whose statistics are no constants that"
            + " weights could take up; allowed: frozen, recalibrated",
        assertThrows(InvalidInputException.class, () -> measure(FEW, subject)).getMessage());
  }

  @Test
  void theSameSeedGivesTheSame() throws InterruptedException {
    ObjectiveCase c = network(spec(4, List.of(6, 6), 3, true), 30);
    Subject subject = subject(c, c.theta(), c.data());
    assertEquals(measure(FEW, subject).scalars(), measure(FEW, subject).scalars());
  }

  private static final class NoRetraining implements Retraining {
    @Override
    public long seed() {
      return 1;
    }

    @Override
    public long steps() {
      throw new AssertionError("nothing is trained here");
    }

    @Override
    public void run(LongUnaryOperator next, Look look) {
      throw new AssertionError("nothing is trained here");
    }
  }
}
