package org.basin.landscape.trajectory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.basin.engine.reference.ReferenceNetwork;
import org.basin.engine.reference.ReferenceObjective;
import org.basin.linalg.Lanczos;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.Parameterization;
import org.basin.train.BatchNormPolicy;
import org.basin.train.Objective;
import org.basin.train.ObjectiveOptions;
import org.basin.train.OptimizerKind;
import org.basin.train.OptimizerOptions;
import org.basin.train.TrainingSnapshot;
import org.basin.train.TrainingTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The stated thresholds against steps that are done: just below them and just above. */
class LinearizedStepTest {
  private static final double ETA = 0.1;
  private static final NetworkState NOTHING =
      new NetworkState(new float[1], new float[0], new float[0]);

  @ParameterizedTest
  @CsvSource({
    "SGD, 0, 2",
    "HEAVY_BALL, 0, 2",
    "HEAVY_BALL, 0.9, 3.8",
    "NESTEROV, 0, 2",
    "NESTEROV, 0.9, 1.3571428571428572",
    "ADAM, 0, 38",
    "ADAMW, 0, 38"
  })
  void coefficientsOfTheLiterature(OptimizerKind kind, double momentum, double coefficient) {
    OptimizerOptions options = new OptimizerOptions(kind, ETA, momentum, 0.9, 0.999, 1e-8, null, 0);
    assertEquals(coefficient, LinearizedStep.coefficient(options), 1e-12);
  }

  static Stream<Arguments> steps() {
    return Stream.of(OptimizerKind.values())
        .flatMap(
            kind ->
                Stream.of(0.0, 0.5, 0.9)
                    .flatMap(
                        momentum ->
                            IntStream.range(0, 8)
                                .mapToObj(
                                    i ->
                                        Arguments.of(
                                            kind,
                                            momentum,
                                            (i & 1) == 0 ? 0.0 : 2.0,
                                            (i & 2) == 0 ? 0.0 : 3.0,
                                            (i & 4) == 0 ? 1.0 : 0.3))));
  }

  /** One weight with curvature h: the rules of OptimizerKind written down once more. */
  @ParameterizedTest
  @MethodSource("steps")
  void oneWeight(OptimizerKind kind, double momentum, double decay, double l2, double clipping) {
    OptimizerOptions options =
        new OptimizerOptions(kind, ETA, momentum, momentum, 0.99, 0.01, decay, l2);
    MlpSpec spec =
        new MlpSpec(
            1,
            List.of(),
            1,
            Activation.IDENTITY,
            false,
            false,
            Initialization.LECUN,
            Parameterization.STANDARD,
            1);
    double moment = 0.36;
    int done = 7;
    TrainingSnapshot snapshot =
        new TrainingSnapshot(done, ETA, NOTHING, new float[] {(float) moment});
    LinearizedStep step =
        LinearizedStep.of(
            options, ParameterRates.of(spec, kind.adaptive()), snapshot, l2, clipping);
    assertNotNull(step);
    double scale = step.scale() == null ? 1 : step.scale()[0];
    double shift = step.shift() == null ? 0 : step.shift()[0];
    // H holds the penalty: M = scale² (h + l2) + shift.
    double edge = (step.threshold() - shift) / (scale * scale) - l2;
    assertTrue(edge > 0, "a curvature there is: " + edge);
    double below = grown(options, 0.99 * edge, clipping, moment, done);
    double above = grown(options, 1.01 * edge, clipping, moment, done);
    assertTrue(below < 0.1, "converges below the edge: " + below);
    assertTrue(above > 10, "diverges above the edge: " + above);
  }

  /** How much larger a deviation from the minimum is after many steps. */
  private static double grown(
      OptimizerOptions o, double h, double clipping, double moment, int done) {
    double theta = 1;
    double v = 0;
    double mu = o.momentum();
    double preconditioner =
        (Math.sqrt(moment) + o.epsilon()) / Math.sqrt(1 - Math.pow(o.beta2(), done));
    for (int t = 0; t < 4000 && Math.abs(theta) < 1e6; t++) {
      double g = clipping * h * theta + o.l2() * theta;
      double kept = (1 - ETA * o.decay()) * theta;
      double before = v;
      switch (o.name()) {
        case SGD -> theta = kept - ETA * g;
        case HEAVY_BALL -> {
          v = mu * v - ETA * g;
          theta = kept + v;
        }
        case NESTEROV -> {
          v = mu * v - ETA * g;
          theta = kept - mu * before + (1 + mu) * v;
        }
        case ADAM, ADAMW -> {
          v = o.beta1() * v + (1 - o.beta1()) * g;
          double corrected = v / (1 - Math.pow(o.beta1(), done));
          theta = kept - ETA * corrected / preconditioner;
        }
      }
    }
    return Math.max(Math.abs(theta), Math.abs(v));
  }

  static Stream<Arguments> engineSteps() {
    return Stream.of(OptimizerKind.SGD, OptimizerKind.HEAVY_BALL, OptimizerKind.NESTEROV)
        .flatMap(
            kind ->
                Stream.of(0.0, 0.5, 0.9)
                    .flatMap(
                        momentum ->
                            Stream.of(Parameterization.STANDARD, Parameterization.NTK)
                                .flatMap(
                                    scales ->
                                        Stream.of(0.0, 0.7)
                                            .map(
                                                penalty ->
                                                    Arguments.of(
                                                        kind, momentum, scales, penalty)))));
  }

  /**
   * A linear network with biases, whose loss is a quadratic of eight parameters: penalties act on
   * the weights alone and layers have rates of their own, so that nothing commutes with H.
   */
  @ParameterizedTest
  @MethodSource("engineSteps")
  void aQuadraticOnTheReference(
      OptimizerKind kind, double momentum, Parameterization scales, double penalty) {
    TrainingTasks tasks = new TrainingTasks();
    tasks.inputs = 3;
    tasks.hidden = List.of();
    tasks.examples = 15;
    tasks.optimizer = kind;
    tasks.momentum = momentum;
    tasks.parameterization = scales;
    tasks.l2 = penalty;
    tasks.weightDecay = penalty;
    double edge = edge(tasks.task());
    tasks.learningRate = 0.99 * edge;
    double below = moves(tasks.task());
    tasks.learningRate = 1.01 * edge;
    double above = moves(tasks.task());
    assertTrue(below < 1e-3, "comes to rest below the edge: " + below);
    assertTrue(above > 10, "diverges above the edge: " + above);
  }

  /** The learning rate at which the largest eigenvalue of M is the threshold. */
  private static double edge(TrainingTask task) {
    OptimizerOptions options = task.options().optimizer();
    ObjectiveOptions measured = ObjectiveOptions.trained(task.options(), BatchNormPolicy.FROZEN);
    TrainingSnapshot snapshot = new TrainingSnapshot(0, 1, NOTHING, null);
    LinearizedStep step =
        LinearizedStep.of(
            options, ParameterRates.of(task.spec(), false), snapshot, measured.l2(), 1);
    assertNotNull(step);
    try (Objective objective =
        new ReferenceObjective(task.spec(), measured, task.data().train(), NOTHING)) {
      StepCurvature curvature =
          new StepCurvature(objective, new float[objective.size()], step.scale(), step.shift());
      double largest =
          Lanczos.eigenpairs(curvature, Lanczos.Options.of(1, 0), new SplittableRandom(1))
              .largest()
              .getFirst()
              .value();
      return step.threshold() / largest; // the threshold of rate 1
    }
  }

  /** How far the network moves in one step after a thousand. */
  private static double moves(TrainingTask task) {
    int count = task.data().train().count();
    int[] order = IntStream.range(0, count).toArray();
    try (ReferenceNetwork network = new ReferenceNetwork(task)) {
      NetworkState before = network.state();
      double moved = 0;
      for (int t = 0; t < 1000 && moved < 1e6; t++) {
        before = network.state();
        network.step(order, 0, count, new double[] {task.options().optimizer().learningRate()});
        moved = GradientSteps.distance(network.state().parameters(), before.parameters());
      }
      return moved;
    }
  }

  @Test
  void adamHasNoPreconditionerBeforeItsFirstStepAndFromAnEngineThatDoesNotTell() {
    OptimizerOptions options =
        new OptimizerOptions(OptimizerKind.ADAM, ETA, 0.9, 0.9, 0.999, 1e-8, null, 0);
    ParameterRates rates = new ParameterRates(new float[] {1}, new boolean[] {true}, true);
    float[] moment = {1};
    assertNull(
        LinearizedStep.of(options, rates, new TrainingSnapshot(0, ETA, NOTHING, moment), 0, 1));
    assertNull(
        LinearizedStep.of(options, rates, new TrainingSnapshot(5, ETA, NOTHING, null), 0, 1));
    assertNotNull(
        LinearizedStep.of(options, rates, new TrainingSnapshot(5, ETA, NOTHING, moment), 0, 1));
  }

  @Test
  void aClipThatIsNoFactorLeavesNoThreshold() {
    OptimizerOptions options =
        new OptimizerOptions(OptimizerKind.SGD, ETA, 0.9, 0.9, 0.999, 1e-8, null, 0.5);
    ParameterRates rates = new ParameterRates(new float[] {1}, new boolean[] {true}, true);
    TrainingSnapshot snapshot = new TrainingSnapshot(0, ETA, NOTHING, null);
    LinearizedStep step = LinearizedStep.of(options, rates, snapshot, 0.5, Double.NaN);
    assertNotNull(step);
    assertTrue(Double.isNaN(step.threshold()));
    assertNull(step.shift());
  }

  /** The measured loss may lack the penalty that is trained with: M has it all the same. */
  @Test
  void aPenaltyThatIsNotMeasuredIsAdded() {
    OptimizerOptions options =
        new OptimizerOptions(OptimizerKind.SGD, ETA, 0.9, 0.9, 0.999, 1e-8, null, 0.5);
    ParameterRates rates =
        new ParameterRates(new float[] {1, 1}, new boolean[] {true, false}, true);
    TrainingSnapshot snapshot = new TrainingSnapshot(0, ETA, NOTHING, null);
    LinearizedStep step = LinearizedStep.of(options, rates, snapshot, 0, 1);
    assertNotNull(step);
    float[] shift = step.shift();
    assertNotNull(shift);
    assertEquals(0.5, shift[0], 1e-7);
    assertEquals(0, shift[1], 0);
  }
}
