package org.basin.landscape.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.basin.InvalidInputException;
import org.basin.RandomStreams;
import org.basin.data.Examples;
import org.basin.data.Split;
import org.basin.engine.EngineRegistry;
import org.basin.landscape.Subject;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.Parameterization;
import org.basin.train.BatchNormPolicy;
import org.basin.train.BatchSize;
import org.basin.train.ClippingOptions;
import org.basin.train.LossFunction;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;
import org.basin.train.OptimizerKind;
import org.basin.train.OptimizerOptions;
import org.basin.train.ScheduleKind;
import org.basin.train.ScheduleOptions;
import org.basin.train.StoppingOptions;
import org.basin.train.TrainingEngine;
import org.basin.train.TrainingOptions;
import org.basin.train.TrainingProgress;
import org.basin.train.TrainingTask;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The linearised network trained beside the real one, where the answer is known. */
class LinearizedTrainingTest {
  private static final int FEATURES = Trainings.FEATURES;
  private static final int CLASSES = Trainings.CLASSES;
  private static TrainingEngine training;
  private static ObjectiveEngine objectives;

  @BeforeAll
  static void open() {
    training = EngineRegistry.standard().open("cpu");
    objectives = EngineRegistry.standard().openObjectives("cpu", 1);
  }

  @AfterAll
  static void close() {
    training.close();
    objectives.close();
  }

  private static MlpSpec spec(List<Integer> hidden, boolean batchNorm, Parameterization how) {
    return new MlpSpec(
        FEATURES, hidden, CLASSES, Activation.TANH, true, batchNorm, Initialization.LECUN, how, 16);
  }

  private static TrainingTask task(MlpSpec spec, TrainingOptions options, int tests) {
    Examples data = Trainings.clouds(40, 1);
    Split split = new Split(data, data.select(new int[0]), Trainings.clouds(tests, 2), "clouds");
    return new TrainingTask(spec, options, split, 9);
  }

  private static Subject trained(TrainingTask task) throws InterruptedException {
    NetworkState state = training.train(List.of(task), TrainingProgress.NONE).getFirst().state();
    return new Subject(
        task.spec(),
        task.options(),
        state,
        Initialization.draw(task.spec(), RandomStreams.of(task.seed()).initialization())
            .parameters(),
        task.data().train(),
        task.data(),
        ObjectiveOptions.trained(task.options(), BatchNormPolicy.FROZEN),
        objectives,
        null,
        new Trainings.Repeated(training, task),
        null);
  }

  private static Measurement measure(TrainingTask task, int examples) throws InterruptedException {
    return KernelProbe.KIND
        .open(new KernelOptions(examples, KernelOutputs.TRACED, null, true))
        .measure(trained(task), new SplittableRandom(3));
  }

  private static Table linearized(Measurement measured) {
    Table last = measured.tables().getLast();
    assertEquals("linearized", last.name());
    return last;
  }

  /** J(θ)ᵀ is the transpose of J(θ): ⟨c, J v⟩ = ⟨Jᵀ c, v⟩, normalisation and all. */
  @Test
  void transposed() {
    for (boolean batchNorm : new boolean[] {false, true}) {
      MlpSpec spec = spec(List.of(5, 7), batchNorm, Parameterization.STANDARD);
      SplittableRandom random = new SplittableRandom(4);
      NetworkState state = Initialization.draw(spec, random);
      LinearizedNetwork network =
          new LinearizedNetwork(spec, state.parameters(), state, Trainings.clouds(6, 5));
      double[] v = random.doubles(state.parameters().length, -1, 1).toArray();
      double[] c = random.doubles(6 * CLASSES, -1, 1).toArray();
      double[] forward = network.along(v);
      double left = 0;
      for (int i = 0; i < c.length; i++) {
        left += c[i] * forward[i];
      }
      double[] back = network.back(c);
      double right = 0;
      for (int i = 0; i < v.length; i++) {
        right += back[i] * v[i];
      }
      assertEquals(left, right, 1e-12 * Math.abs(left));
    }
  }

  /** A network without hidden layers is its own linearisation, whatever it is trained with. */
  @ParameterizedTest
  @EnumSource(OptimizerKind.class)
  void aLinearModelIsItsOwnLinearisation(OptimizerKind optimizer) throws InterruptedException {
    double rate = optimizer.adaptive() ? 0.01 : 0.2;
    for (LossFunction loss : LossFunction.values()) {
      TrainingOptions options =
          new TrainingOptions(
              loss,
              6,
              new BatchSize(16), // 16, 16 and 8 examples
              1,
              0.1,
              new OptimizerOptions(optimizer, rate, 0.8, 0.9, 0.99, 1e-6, 0.01, 0.02),
              new ScheduleOptions(ScheduleKind.COSINE, 3, 0.01, null, 0.1, 0),
              new ClippingOptions(0.5, 0.2),
              StoppingOptions.DEFAULTS);
      Measurement measured =
          measure(task(spec(List.of(), false, Parameterization.NTK), options, 30), 20);
      assertEquals(0, measured.scalars().get("linearizedDisagreement").value(), 2e-5);
      assertEquals(0, measured.scalars().get("linearizedTestDisagreement").value(), 2e-5);
      Table table = linearized(measured);
      assertArrayEquals(new double[] {0, 18}, table.column("step"));
      assertArrayEquals(table.column("testError"), table.column("linearizedTestError"));
      assertArrayEquals(table.column("trainLoss"), table.column("linearizedTrainLoss"), 1e-5);
      assertTrue(table.column("trainLoss")[1] < table.column("trainLoss")[0], "it was trained");
    }
  }

  /** On the squared loss, full batches: f_T = y + (1 − 2η/(nK) Θ₀)^T (f₀ − y), Lee et al. 2019. */
  @Test
  void theClosedFormOfTheSquaredLoss() throws InterruptedException {
    final int steps = 25;
    final double rate = 0.7;
    MlpSpec spec = spec(List.of(9, 6), false, Parameterization.NTK);
    Subject subject = trained(task(spec, Trainings.descent(steps, rate), 30));
    Examples data = subject.data().train();
    LinearizedNetwork start = new LinearizedNetwork(spec, subject.initial(), subject.state(), data);
    double[] kernel = start.kernel(KernelOutputs.ALL).values();
    int order = data.count() * CLASSES;
    double[] residual = new double[order];
    for (int i = 0; i < order; i++) {
      residual[i] = start.outputs()[i] - (data.labels()[i / CLASSES] == i % CLASSES ? 1 : 0);
    }
    for (int step = 0; step < steps; step++) {
      double[] next = residual.clone();
      for (int i = 0; i < order; i++) {
        for (int j = 0; j < order; j++) {
          next[i] -= 2 * rate / order * kernel[i * order + j] * residual[j];
        }
      }
      residual = next;
    }
    LinearizedTraining linear = new LinearizedTraining(subject);
    linear.until(steps);
    double[] outputs = linear.outputs(start);
    for (int i = 0; i < order; i++) {
      double y = data.labels()[i / CLASSES] == i % CLASSES ? 1 : 0;
      assertEquals(y + residual[i], outputs[i], 1e-12);
    }
  }

  /** In the ntk parameterisation the disagreement falls about as width^−1. */
  @Test
  void wideNetworksAreNearlyLinear() throws InterruptedException {
    double[] disagreement = new double[2];
    int[] widths = {32, 512};
    for (int w = 0; w < widths.length; w++) {
      MlpSpec spec = spec(List.of(widths[w], widths[w]), false, Parameterization.NTK);
      disagreement[w] =
          measure(task(spec, Trainings.descent(40, 1.0), 30), 40)
              .scalars()
              .get("linearizedTestDisagreement")
              .value();
    }
    double slope = Math.log(disagreement[1] / disagreement[0]) / Math.log(512.0 / 32);
    assertTrue(slope < -0.6 && slope > -1.3, "slope " + slope);
  }

  private static TrainingOptions stopped(int epochs, StoppingOptions stopping) {
    return new TrainingOptions(
        LossFunction.MSE,
        epochs,
        new BatchSize(16), // 3 steps an epoch
        2,
        0,
        new OptimizerOptions(OptimizerKind.SGD, 0.05, 0.9, 0.9, 0.999, 1e-8, null, 0),
        ScheduleOptions.DEFAULTS,
        ClippingOptions.DEFAULTS,
        stopping);
  }

  /** A training that reached its loss after 8 of 500 epochs is compared there, as one of 8. */
  @Test
  void aTrainingThatEndedEarlyIsComparedAtItsEnd() throws InterruptedException {
    MlpSpec spec = spec(List.of(8), false, Parameterization.STANDARD);
    Measurement whole = measure(task(spec, stopped(8, StoppingOptions.DEFAULTS), 30), 40);
    double loss = linearized(whole).column("trainLoss")[1];
    StoppingOptions reached = new StoppingOptions(null, 0, loss * (1 + 1e-6), 1e4);
    Measurement early = measure(task(spec, stopped(500, reached), 30), 40);
    assertArrayEquals(new double[] {0, 24}, linearized(early).column("step"));
    assertEquals(whole.scalars(), early.scalars());
  }

  /** Patience gives back the best network, not the last. */
  @Test
  void aTrainingThatWentBackIsComparedWhereItsNetworkIs() throws InterruptedException {
    MlpSpec spec = spec(List.of(8), false, Parameterization.STANDARD);
    StoppingOptions patience = new StoppingOptions(2, 1e9, null, 1e4);
    TrainingTask task = task(spec, stopped(500, patience), 30);
    Split data = task.data();
    Split validated = new Split(data.train(), Trainings.clouds(20, 3), data.test(), "clouds");
    // Nothing improves by 1e9: the network of step 0 comes back, which has not moved.
    Table none = linearized(measure(new TrainingTask(spec, task.options(), validated, 9), 40));
    assertArrayEquals(new double[] {0}, none.column("step"));
  }

  /** Beyond 2/λ only the real network bends its way out; of the other nothing is known then. */
  @Test
  void whatDivergedHasNoError() throws InterruptedException {
    MlpSpec spec = spec(List.of(24, 24), false, Parameterization.STANDARD);
    Measurement measured = measure(task(spec, Trainings.descent(3000, 0.7), 30), 40);
    for (String figure :
        List.of("linearizedDisagreement", "linearizedTestDisagreement", "linearizedTestError")) {
      assertFalse(measured.scalars().get(figure).converged(), figure);
    }
    assertTrue(linearized(measured).column("trainLoss")[1] < 1, "the real one is trained");
  }

  /** All examples: no error; some: the error of the choice. */
  @Test
  void errors() throws InterruptedException {
    TrainingTask task =
        task(spec(List.of(8), false, Parameterization.STANDARD), Trainings.descent(9, 1), 30);
    Uncertain all = measure(task, 40).scalars().get("linearizedDisagreement");
    assertEquals(0, all.standardError());
    Measurement some = measure(task, 20);
    Uncertain part = some.scalars().get("linearizedDisagreement");
    assertEquals(all.value(), part.value(), 5 * part.standardError());
    assertTrue(part.standardError() > 0);
    Uncertain error = some.scalars().get("linearizedTestError");
    double counted = error.value() * 20;
    assertEquals(Math.rint(counted), counted, 1e-9);
    assertEquals(linearized(some).column("linearizedTestError")[1], error.value());
  }

  @Test
  void refusals() {
    TrainingTask normalized =
        task(spec(List.of(8), true, Parameterization.STANDARD), Trainings.descent(3, 0.1), 30);
    assertTrue(
        assertThrows(InvalidInputException.class, () -> measure(normalized, 20))
            .getMessage()
            .startsWith("linearizedTraining is of networks without batch normalisation"));
    TrainingTask untested =
        task(spec(List.of(8), false, Parameterization.STANDARD), Trainings.descent(3, 0.1), 0);
    assertTrue(
        assertThrows(InvalidInputException.class, () -> measure(untested, 20))
            .getMessage()
            .startsWith("linearizedTraining compares on test examples, of which there are 0"));
  }
}
