package org.basin.landscape.trajectory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;
import org.basin.engine.EngineRegistry;
import org.basin.engine.reference.ReferenceObjective;
import org.basin.landscape.Probe;
import org.basin.landscape.ProbeCatalog;
import org.basin.landscape.Retraining;
import org.basin.landscape.Subject;
import org.basin.measurement.Measurement;
import org.basin.measurement.Table;
import org.basin.model.NetworkState;
import org.basin.model.ParameterLayout;
import org.basin.model.Parameterization;
import org.basin.train.BatchNormPolicy;
import org.basin.train.BatchSize;
import org.basin.train.ClippingOptions;
import org.basin.train.LossFunction;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;
import org.basin.train.OptimizerKind;
import org.basin.train.ScheduleKind;
import org.basin.train.ScheduleOptions;
import org.basin.train.TrainingSnapshot;
import org.basin.train.TrainingTask;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.EigenDecompositionSymmetric;
import org.junit.jupiter.api.Test;

/** What the probe says of short trainings. */
class TrajectoryProbeTest {
  private static final TrajectoryOptions EVERY_TEN = new TrajectoryOptions(10, false, 8);

  private static TrainingTasks small() {
    TrainingTasks tasks = new TrainingTasks();
    tasks.inputs = 4;
    tasks.hidden = List.of(6);
    tasks.examples = 30;
    tasks.epochs = 30;
    return tasks;
  }

  private static Table table(TrainingTask task) throws InterruptedException {
    return Trained.byEngine(task).measure(EVERY_TEN).tables().getFirst();
  }

  private static List<String> notes(Measurement measured) {
    TrajectoryDetails details = (TrajectoryDetails) measured.details();
    assertNotNull(details);
    return details.notes();
  }

  private static boolean mentions(Measurement measured, String text) {
    return notes(measured).stream().anyMatch(note -> note.contains(text));
  }

  /** Largest eigenvalue of diag(scale) H diag(scale) + diag(shift), in double precision. */
  private static double largest(
      TrainingTask task, NetworkState state, double[] scale, double[] shift) {
    ObjectiveOptions options = ObjectiveOptions.trained(task.options(), BatchNormPolicy.FROZEN);
    try (ReferenceObjective oracle =
        new ReferenceObjective(task.spec(), options, task.data().train(), state)) {
      int size = oracle.size();
      double[] theta = new double[size];
      Arrays.setAll(theta, i -> state.parameters()[i]);
      double[][] matrix = new double[size][];
      for (int i = 0; i < size; i++) {
        double[] unit = new double[size];
        unit[i] = scale[i];
        matrix[i] = oracle.hessianVector(theta, unit);
        for (int j = 0; j < size; j++) {
          matrix[i][j] *= scale[j];
        }
        matrix[i][i] += shift[i];
      }
      for (int i = 0; i < size; i++) {
        for (int j = 0; j < i; j++) {
          matrix[i][j] = matrix[j][i];
        }
      }
      return new EigenDecompositionSymmetric(new Array2DRowRealMatrix(matrix, false))
          .getEigenvalue(0);
    }
  }

  private static List<TrainingSnapshot> snapshots(TrainingTask task) throws InterruptedException {
    List<TrainingSnapshot> seen = new ArrayList<>();
    try (ObjectiveEngine engine = EngineRegistry.standard().openObjectives("cpu", 1)) {
      Trained.byEngine(task)
          .subject(engine, null)
          .retraining()
          .run(step -> Math.ceilDiv(step, 10) * 10, seen::add);
    }
    return seen;
  }

  /** Adam in the maximal update parameterisation with both penalties: M is written down here. */
  @Test
  void preconditionedSharpnessIsThatOfTheExactMatrix() throws InterruptedException {
    TrainingTasks tasks = small();
    tasks.inputs = 6;
    tasks.hidden = List.of(14, 12); // 304 parameters: past those whose whole matrix is taken
    tasks.optimizer = OptimizerKind.ADAM;
    tasks.learningRate = 0.01;
    tasks.parameterization = Parameterization.MUP;
    tasks.loss = LossFunction.CROSS_ENTROPY;
    tasks.labelSmoothing = 0.1;
    tasks.l2 = 0.02;
    tasks.weightDecay = 0.5;
    TrainingTask task = tasks.task();
    Table table = table(task);
    List<TrainingSnapshot> seen = snapshots(task);
    assertArrayEquals(new double[] {0, 10, 20, 30}, table.column("step"));
    assertTrue(Double.isNaN(table.column("preconditionedSharpness")[0]), "none before step 1");
    ParameterLayout layout = new ParameterLayout(task.spec());
    for (int look = 0; look < 4; look++) {
      NetworkState state = seen.get(look).state();
      double[] ones = new double[layout.size()];
      Arrays.fill(ones, 1);
      double plain = largest(task, state, ones, new double[layout.size()]);
      double found = table.column("sharpness")[look];
      assertEquals(plain, found, 1e-3 * plain, "sharpness");
      if (look == 0) {
        continue;
      }
      int t = 10 * look;
      double[] scale = new double[layout.size()];
      double[] shift = new double[layout.size()];
      float[] moment = seen.get(look).secondMoment();
      assertNotNull(moment);
      for (int i = 0; i < scale.length; i++) {
        // Hidden and output weights by 1/m of Adam-like mup: fan in over the base width of 16.
        double rate = 1;
        boolean weight = false;
        for (int l = 0; l < 3; l++) {
          int offset = i - layout.weight(l);
          if (offset >= 0 && offset < task.spec().fanIn(l) * task.spec().fanOut(l)) {
            rate = l == 0 ? 1 : 16.0 / task.spec().fanIn(l);
            weight = true;
          }
        }
        double p =
            (1 - Math.pow(0.9, t))
                * (Math.sqrt(moment[i]) + 1e-8)
                / Math.sqrt(1 - Math.pow(0.999, t));
        scale[i] = Math.sqrt(rate / p);
        shift[i] = weight ? 19 * rate * 0.5 : 0;
      }
      double expected = largest(task, state, scale, shift);
      double preconditioned = table.column("preconditionedSharpness")[look];
      assertEquals(expected, preconditioned, 1e-3 * expected, "preconditioned sharpness");
      assertEquals(3800, table.column("threshold")[look], 1e-6);
      assertEquals(preconditioned / 3800, table.column("ratio")[look], 1e-9);
    }
  }

  @Test
  void anEngineThatDoesNotTellTheSecondMomentLeavesNoThreshold() throws InterruptedException {
    TrainingTasks tasks = small();
    tasks.optimizer = OptimizerKind.ADAM;
    Trained trained = Trained.byEngine(tasks.task());
    try (ObjectiveEngine engine = EngineRegistry.standard().openObjectives("cpu", 1)) {
      Subject subject = trained.subject(engine, null);
      Retraining silent =
          new Retraining() {
            @Override
            public long seed() {
              return 1;
            }

            @Override
            public long steps() {
              return subject.retraining().steps();
            }

            @Override
            public void run(LongUnaryOperator next, Look look) throws InterruptedException {
              subject
                  .retraining()
                  .run(
                      next,
                      seen ->
                          look.at(
                              new TrainingSnapshot(
                                  seen.step(), seen.learningRate(), seen.state(), null)));
            }
          };
      Subject untold =
          new Subject(
              subject.spec(),
              subject.training(),
              subject.state(),
              subject.initial(),
              subject.examples(),
              subject.data(),
              subject.options(),
              engine,
              null,
              silent,
              null);
      Measurement measured =
          TrajectoryProbe.KIND.open(EVERY_TEN).measure(untold, new SplittableRandom(1));
      double[] ratios = measured.tables().getFirst().column("ratio");
      assertTrue(Arrays.stream(ratios).allMatch(Double::isNaN));
      assertFalse(measured.scalars().get("finalRatio").converged());
      assertTrue(mentions(measured, "does not tell"));
      assertTrue(measured.scalars().get("largestSharpness").converged());
    }
  }

  @Test
  void aClipRaisesTheThresholdWhileItIsActive() throws InterruptedException {
    TrainingTasks tasks = small();
    tasks.epochs = 300;
    tasks.clipping = new ClippingOptions(0.1, null);
    Table table =
        Trained.byEngine(tasks.task()).measure(TrajectoryOptions.DEFAULTS).tables().getFirst();
    int clipped = 0;
    for (int i = 0; i < table.rows().size(); i++) {
      double factor = Math.min(1, 0.1 / table.column("gradientNorm")[i]);
      clipped += factor < 1 ? 1 : 0;
      assertEquals(factor, table.column("clipping")[i], 1e-6);
      assertEquals(2 / (factor * 0.1), table.column("threshold")[i], 1e-4);
    }
    assertTrue(clipped > 0 && clipped < table.rows().size(), "some looks: " + clipped);
  }

  /** Clipped is the loss's gradient, without the penalty's. */
  @Test
  void aClipDoesNotSeeThePenalty() throws InterruptedException {
    TrainingTasks tasks = small();
    tasks.clipping = new ClippingOptions(0.1, null);
    double plain = table(tasks.task()).column("clipping")[0];
    tasks.l2 = 3;
    Table penalised = table(tasks.task());
    assertEquals(plain, penalised.column("clipping")[0], 1e-5);
    assertTrue(plain < 0.9, "it clips");
    assertTrue(penalised.column("gradientNorm")[0] > 1, "the penalty would have been clipped");
  }

  /** Of mini-batches the root mean square norm is clipped: larger than the full gradient's. */
  @Test
  void aClipSeesTheNoiseOfBatches() throws InterruptedException {
    TrainingTasks tasks = small();
    tasks.batchSize = new BatchSize(3);
    tasks.epochs = 3;
    tasks.clipping = new ClippingOptions(0.05, null);
    Measurement measured = Trained.byEngine(tasks.task()).measure(EVERY_TEN);
    Table table = measured.tables().getFirst();
    for (int i = 0; i < table.rows().size(); i++) {
      double norm = table.column("gradientNorm")[i];
      double trace = table.column("noiseScale")[i] * norm * norm;
      double expected = 0.05 / Math.sqrt(norm * norm + trace * (1 / 3.0 - 1 / 30.0));
      assertEquals(expected, table.column("clipping")[i], 1e-6);
    }
    assertTrue(mentions(measured, "full batches"));
  }

  @Test
  void aClipByElementsHasNoThreshold() throws InterruptedException {
    TrainingTasks tasks = small();
    tasks.clipping = new ClippingOptions(null, 1.0);
    Measurement measured = Trained.byEngine(tasks.task()).measure(EVERY_TEN);
    Table table = measured.tables().getFirst();
    assertTrue(Arrays.stream(table.column("threshold")).allMatch(Double::isNaN));
    assertTrue(Arrays.stream(table.column("ratio")).allMatch(Double::isNaN));
    assertTrue(mentions(measured, "clip by elements"));
  }

  @Test
  void theThresholdFollowsTheSchedule() throws InterruptedException {
    TrainingTasks tasks = small();
    tasks.schedule = new ScheduleOptions(ScheduleKind.CONSTANT, 20, 0, null, 0.1, 0);
    Table table = table(tasks.task());
    assertEquals(0, table.column("learningRate")[0]);
    assertTrue(Double.isNaN(table.column("threshold")[0]), "no step, no threshold");
    assertEquals(0, table.column("ratio")[0]);
    assertEquals(40, table.column("threshold")[1], 1e-9);
    assertEquals(20, table.column("threshold")[2], 1e-9);
  }

  @Test
  void batchStatisticsHaveNoNoiseScale() throws InterruptedException {
    TrainingTasks tasks = small();
    tasks.batchNorm = true;
    TrainingTask task = tasks.task();
    try (ObjectiveEngine engine = EngineRegistry.standard().openObjectives("cpu", 1)) {
      Subject frozen = Trained.byEngine(task).subject(engine, null);
      Subject batch =
          new Subject(
              frozen.spec(),
              frozen.training(),
              frozen.state(),
              frozen.initial(),
              frozen.examples(),
              frozen.data(),
              ObjectiveOptions.trained(task.options(), BatchNormPolicy.BATCH),
              engine,
              null,
              frozen.retraining(),
              null);
      Probe probe = TrajectoryProbe.KIND.open(EVERY_TEN);
      Measurement ofFrozen = probe.measure(frozen, new SplittableRandom(1));
      Measurement ofBatch = probe.measure(batch, new SplittableRandom(1));
      assertTrue(ofFrozen.scalars().get("finalNoiseScale").value() > 0);
      assertTrue(Double.isNaN(ofBatch.scalars().get("finalNoiseScale").value()));
      assertTrue(mentions(ofBatch, "batch statistics"));
      assertTrue(ofBatch.scalars().get("finalRatio").value() > 0);
    }
  }

  @Test
  void distancesAreFromTheStart() throws InterruptedException {
    TrainingTask task = small().task();
    Table table = table(task);
    List<TrainingSnapshot> seen = snapshots(task);
    float[] initial = seen.getFirst().state().parameters();
    double norm = GradientSteps.distance(initial, new float[initial.length]);
    for (int i = 0; i < seen.size(); i++) {
      double distance = GradientSteps.distance(seen.get(i).state().parameters(), initial);
      assertEquals(distance, table.column("distance")[i]);
      assertEquals(distance / norm, table.column("relativeDistance")[i], 1e-12);
    }
    assertTrue(table.column("distance")[3] > 0);
  }

  @Test
  void aSeedDecidesEveryNumber() throws InterruptedException {
    Trained trained = Trained.byEngine(small().task());
    Measurement once = trained.measure(EVERY_TEN);
    Measurement again = trained.measure(EVERY_TEN);
    assertEquals(once.scalars(), again.scalars());
    for (int i = 0; i < 4; i++) {
      assertArrayEquals(
          once.tables().getFirst().rows().get(i), again.tables().getFirst().rows().get(i));
    }
  }

  @Test
  void oneExampleHasNoNoise() throws InterruptedException {
    TrainingTasks tasks = small();
    tasks.examples = 1;
    Measurement measured = Trained.byReference(tasks.task()).measure(EVERY_TEN);
    assertTrue(Double.isNaN(measured.scalars().get("finalNoiseScale").value()));
    assertTrue(measured.scalars().get("largestSharpness").value() > 0);
  }

  @Test
  void theCatalogHasIt() {
    assertEquals(TrajectoryProbe.KIND, ProbeCatalog.find("trajectory"));
  }
}
