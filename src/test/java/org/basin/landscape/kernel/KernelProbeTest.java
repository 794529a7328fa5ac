package org.basin.landscape.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
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
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;
import org.basin.train.TrainingEngine;
import org.basin.train.TrainingOptions;
import org.basin.train.TrainingProgress;
import org.basin.train.TrainingTask;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The probe on networks that it can be told the answer of, and on a family of growing width. */
class KernelProbeTest {
  private static final int FEATURES = Trainings.FEATURES;
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

  private static MlpSpec spec(
      List<Integer> hidden, Activation activation, boolean batchNorm, Parameterization how) {
    return new MlpSpec(
        FEATURES, hidden, 3, activation, true, batchNorm, Initialization.LECUN, how, 16);
  }

  /** Full-batch gradient descent on the squared loss. */
  private static TrainingTask task(MlpSpec spec, Examples data, int steps, double rate, long seed) {
    TrainingOptions options = Trainings.descent(steps, rate);
    Examples none = data.select(new int[0]);
    return new TrainingTask(spec, options, new Split(data, none, none, "none"), seed);
  }

  private static Subject subject(TrainingTask task, NetworkState state, BatchNormPolicy policy) {
    return new Subject(
        task.spec(),
        task.options(),
        state,
        Initialization.draw(task.spec(), RandomStreams.of(task.seed()).initialization())
            .parameters(),
        task.data().train(),
        task.data(),
        ObjectiveOptions.trained(task.options(), policy),
        objectives,
        null,
        new Trainings.Repeated(training, task),
        null);
  }

  private static Subject trained(TrainingTask task) throws InterruptedException {
    NetworkState state = training.train(List.of(task), TrainingProgress.NONE).getFirst().state();
    return subject(task, state, BatchNormPolicy.FROZEN);
  }

  private static Measurement measure(Subject subject, KernelOptions options, long seed)
      throws InterruptedException {
    return KernelProbe.KIND.open(options).measure(subject, new SplittableRandom(seed));
  }

  private static double value(Measurement measurement, String scalar) {
    Uncertain uncertain = measurement.scalars().get(scalar);
    assertTrue(uncertain != null, scalar);
    return uncertain.value();
  }

  /** A linear model is its own linearisation, and its kernel stays. */
  @Test
  void aLinearModel() throws InterruptedException {
    Examples data = Trainings.clouds(24, 1);
    TrainingTask task =
        task(spec(List.of(), Activation.TANH, false, Parameterization.STANDARD), data, 50, 0.3, 5);
    Measurement measured =
        measure(trained(task), new KernelOptions(24, KernelOutputs.ALL, 4, false), 1);
    assertEquals(0, value(measured, "drift"));
    assertEquals(0, value(measured, "kernelDistance"), 1e-15);
    assertEquals(0, value(measured, "linearizationError"), 1e-13);
    assertTrue(value(measured, "parameterMovement") > 0.1, "it was trained");
    assertEquals(value(measured, "initialAlignment"), value(measured, "alignment"));
    double trace = 0;
    for (float x : data.inputs()) {
      trace += (double) x * x / 24;
    }
    assertEquals(1 + trace, value(measured, "tracePerExample"), 1e-12);
    // X Xᵀ + 1 has a rank of 5, so that no condition number is known.
    Uncertain condition = measured.scalars().get("conditionNumber");
    assertTrue(Double.isNaN(condition.value()));
    assertFalse(condition.converged());
    double[] eigenvalues = measured.tables().getFirst().column("eigenvalue");
    assertEquals(72, eigenvalues.length);
    assertTrue(eigenvalues[14] > 1 && Math.abs(eigenvalues[15]) < 1e-11);
    double squares = 0;
    double sum = 0;
    for (double eigenvalue : eigenvalues) {
      squares += eigenvalue * eigenvalue;
      sum += eigenvalue;
    }
    assertEquals(Math.sqrt(squares) / 72, value(measured, "normPerExample"), 1e-12);
    assertEquals(sum * sum / squares, value(measured, "participationRatio"), 1e-12);
    assertTrue(value(measured, "entropyRank") > value(measured, "participationRatio"));
    assertTrue(value(measured, "entropyRank") <= 15);
    assertArrayEquals(new double[] {0, 1, 7, 50}, measured.tables().getLast().column("step"));
  }

  /** Two classes of one point each: the kernel is the labels' up to the bias. */
  @Test
  void alignmentOfAPerfectKernel() throws InterruptedException {
    float[] inputs = {1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0};
    Examples data = new Examples(inputs, new int[] {0, 1, 0, 1}, FEATURES, 3);
    MlpSpec spec =
        new MlpSpec(
            FEATURES,
            List.of(),
            3,
            Activation.RELU,
            false,
            false,
            Initialization.LECUN,
            Parameterization.STANDARD,
            16);
    Measurement measured = measure(trained(task(spec, data, 3, 0.1, 1)), KernelOptions.DEFAULTS, 1);
    assertEquals(1, value(measured, "alignment"), 1e-14);
    assertEquals(1, value(measured, "centredAlignment"), 1e-14);
    assertEquals(2, value(measured, "participationRatio"), 1e-14);
    assertEquals(2, value(measured, "entropyRank"), 1e-12);
    Subject swapped = trained(task(spec, data.withLabels(new int[] {0, 0, 1, 1}), 3, 0.1, 1));
    Measurement other = measure(swapped, KernelOptions.DEFAULTS, 1);
    assertEquals(0.5, value(other, "alignment"), 1e-14); // 4 of the 8 ones of each agree
    assertEquals(0, value(other, "centredAlignment"), 1e-14);
  }

  /** A well-conditioned kernel has a condition number, a repeated example takes it away. */
  @Test
  void theConditionNumber() throws InterruptedException {
    Examples data = Trainings.clouds(12, 2);
    MlpSpec spec = spec(List.of(64), Activation.TANH, false, Parameterization.NTK);
    Measurement measured =
        measure(trained(task(spec, data, 20, 0.5, 1)), KernelOptions.DEFAULTS, 1);
    Uncertain condition = measured.scalars().get("conditionNumber");
    double[] eigenvalues = measured.tables().getFirst().column("eigenvalue");
    assertTrue(condition.converged());
    assertEquals(eigenvalues[0] / eigenvalues[11], condition.value(), 1e-12 * condition.value());
    assertTrue(condition.standardError() > 0 && condition.standardError() < condition.value());
    Examples twice = data.select(new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10});
    Measurement singular =
        measure(trained(task(spec, twice, 20, 0.5, 1)), KernelOptions.DEFAULTS, 1);
    assertTrue(Double.isNaN(value(singular, "conditionNumber")));
    Measurement some =
        measure(
            trained(task(spec, data, 20, 0.5, 1)),
            new KernelOptions(6, KernelOutputs.ALL, null, false),
            1);
    assertTrue(value(some, "conditionNumber") > 1);
    assertFalse(some.scalars().get("conditionNumber").converged(), "of a draw");
  }

  /** Without one of two examples of two classes, nothing is left to be centred. */
  @Test
  void aFigureThatDoesNotExistForAPart() throws InterruptedException {
    MlpSpec spec = spec(List.of(8), Activation.TANH, false, Parameterization.STANDARD);
    Subject subject = trained(task(spec, Trainings.clouds(3, 2), 5, 0.1, 1));
    Measurement two = measure(subject, new KernelOptions(2, KernelOutputs.TRACED, null, false), 3);
    Uncertain centred = two.scalars().get("centredAlignment");
    assertEquals(1, centred.value(), 1e-12);
    assertFalse(centred.converged());
    assertEquals(0, centred.standardError());
    assertTrue(two.scalars().get("drift").converged());
  }

  /** The course begins without drift and ends with the figures of the trained network. */
  @Test
  void theCourseOfTraining() throws InterruptedException {
    TrainingTask task =
        task(
            spec(List.of(12), Activation.RELU, true, Parameterization.STANDARD),
            Trainings.clouds(40, 3),
            30,
            0.2,
            2);
    for (KernelOutputs outputs : KernelOutputs.values()) {
      Measurement measured = measure(trained(task), new KernelOptions(30, outputs, 5, false), 7);
      Table drift = measured.tables().getLast();
      assertEquals("drift", drift.name());
      assertArrayEquals(new double[] {0, 1, 3, 10, 30}, drift.column("step"));
      for (String column : drift.columns().subList(1, drift.columns().size())) {
        double[] values = drift.column(column);
        double last = value(measured, column);
        assertEquals(last, values[4], 1e-12 * Math.abs(last), column);
      }
      assertEquals(0, drift.column("drift")[0]);
      assertEquals(0, drift.column("parameterMovement")[0]);
      assertTrue(Double.isNaN(drift.column("linearizationError")[0]), "0/0");
      assertTrue(drift.column("drift")[1] < drift.column("drift")[4]);
    }
  }

  /** The stated error of a sample of examples against the spread of many such samples. */
  @Test
  void theErrorOfSomeExamples() throws InterruptedException {
    TrainingTask task =
        task(
            spec(List.of(16), Activation.TANH, false, Parameterization.STANDARD),
            Trainings.clouds(240, 4),
            60,
            0.5,
            3);
    Subject subject = trained(task);
    KernelOptions options = new KernelOptions(80, KernelOutputs.TRACED, null, false);
    List<Measurement> draws = new ArrayList<>();
    for (int seed = 0; seed < 40; seed++) {
      draws.add(measure(subject, options, seed));
    }
    for (String scalar :
        List.of(
            "tracePerExample",
            "normPerExample",
            "drift",
            "alignment",
            "centredAlignment",
            "linearizationError",
            "largestEigenvaluePerExample",
            "participationRatio",
            "entropyRank")) {
      double mean = draws.stream().mapToDouble(draw -> value(draw, scalar)).average().orElseThrow();
      double spread = 0;
      double stated = 0;
      for (Measurement draw : draws) {
        Uncertain uncertain = draw.scalars().get(scalar);
        spread += (uncertain.value() - mean) * (uncertain.value() - mean) / (draws.size() - 1);
        stated += uncertain.standardError() * uncertain.standardError() / draws.size();
      }
      double ratio = Math.sqrt(stated / spread);
      assertTrue(ratio > 0.7 && ratio < 1.5, scalar + ": stated / true error " + ratio);
    }
    Measurement whole =
        measure(subject, new KernelOptions(240, KernelOutputs.TRACED, null, false), 1);
    assertEquals(0, whole.scalars().get("drift").standardError());
  }

  /**
   * In the ntk parameterisation drift and error of the linearised network fall with width, between
   * width^−½ (Lee et al. 2019, theorem 2.1) and width^−1 (Huang and Yau 2020, corollary 2.4).
   */
  @Test
  void widerNetworksAreLazier() throws InterruptedException {
    int[] widths = {16, 64, 256, 1024};
    Examples data = Trainings.clouds(30, 6);
    double[] drift = new double[widths.length];
    double[] error = new double[widths.length];
    for (int w = 0; w < widths.length; w++) {
      MlpSpec spec =
          spec(List.of(widths[w], widths[w]), Activation.TANH, false, Parameterization.NTK);
      for (int seed = 0; seed < 3; seed++) {
        Measurement measured =
            measure(
                trained(task(spec, data, 40, 1, seed)),
                new KernelOptions(30, KernelOutputs.ALL, null, false),
                1);
        drift[w] += value(measured, "drift") / 3;
        error[w] += value(measured, "linearizationError") / 3;
      }
    }
    for (double[] figure : new double[][] {drift, error}) {
      double slope = Math.log(figure[3] / figure[1]) / Math.log(16);
      assertTrue(slope > -1.3 && slope < -0.4, "slope " + slope);
      assertTrue(figure[0] > figure[1]);
    }
  }

  @Test
  void whatCannotBeMeasuredIsRefused() {
    TrainingTask task =
        task(
            spec(List.of(6), Activation.RELU, true, Parameterization.STANDARD),
            Trainings.clouds(1200, 3),
            1,
            0.1,
            2);
    NetworkState state = Initialization.draw(task.spec(), RandomStreams.of(1).initialization());
    assertRefused("batchNorm", subject(task, state, BatchNormPolicy.BATCH), KernelOptions.DEFAULTS);
    assertRefused(
        "order 3600",
        subject(task, state, BatchNormPolicy.FROZEN),
        new KernelOptions(1200, KernelOutputs.ALL, null, false));
    state.parameters()[0] = Float.POSITIVE_INFINITY;
    assertRefused(
        "not finite", subject(task, state, BatchNormPolicy.FROZEN), KernelOptions.DEFAULTS);
  }

  private static void assertRefused(String part, Subject subject, KernelOptions options) {
    InvalidInputException refusal =
        assertThrows(InvalidInputException.class, () -> measure(subject, options, 1));
    assertTrue(String.valueOf(refusal.getMessage()).contains(part), refusal.getMessage());
  }
}
