package org.basin.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.basin.data.Examples;
import org.basin.data.Split;
import org.basin.engine.ReferenceStack;
import org.basin.engine.Replicas;
import org.basin.engine.reference.ReferenceNetwork;
import org.basin.model.Activation;
import org.basin.model.NetworkState;
import org.basin.model.ParameterLayout;
import org.junit.jupiter.api.Test;

/** What is trained in a stack is what is trained alone, whatever becomes of the others. */
class TrainingLoopTest {
  private static final int EPOCHS = 60; // of three steps

  private static TrainingTask task(long seed, Consumer<Replicas> change) {
    Replicas replicas = new Replicas();
    replicas.epochs = EPOCHS;
    replicas.seed = seed;
    replicas.optimizer = OptimizerKind.HEAVY_BALL;
    change.accept(replicas);
    return replicas.task();
  }

  private static StoppingOptions patience(int evaluations) {
    return new StoppingOptions(evaluations, 0, null, 1e4);
  }

  private static StoppingOptions target(double trainLoss) {
    return new StoppingOptions(null, 0, trainLoss, 1e4);
  }

  /** The same replica on other examples, with other labels. */
  private static TrainingTask onOtherData(TrainingTask task) {
    Split data = task.data();
    float[] inputs = data.train().inputs().clone();
    int[] labels = data.train().labels().clone();
    for (int i = 0; i < labels.length; i += 4) {
      labels[i] = (labels[i] + 1) % 3;
      inputs[i] += 1;
    }
    Examples other = new Examples(inputs, labels, data.train().features(), 3);
    return new TrainingTask(
        task.spec(),
        task.options(),
        new Split(other, data.validation(), data.test(), "other"),
        task.seed());
  }

  /** Replicas that end at different times, in every way there is. */
  private static List<TrainingTask> stack(int evaluateEvery) {
    List<Consumer<Replicas>> changes =
        List.of(
            r -> {},
            r -> r.stopping = patience(3),
            r -> r.learningRate = 1e4, // diverges in the first epochs
            r -> r.stopping = target(0.4),
            r -> {
              r.schedule = new ScheduleOptions(ScheduleKind.COSINE, 10, 0.001, null, 0.1, 0.001);
              r.clipping = new ClippingOptions(0.5, null);
            },
            r -> {
              r.labelSmoothing = 0.1;
              r.stopping = patience(6);
              r.l2 = 0.01;
            },
            r -> r.stopping = target(0.2),
            r -> {
              r.learningRate = 0.03;
              r.labelSmoothing = 0.2;
            });
    List<TrainingTask> tasks = new ArrayList<>();
    for (Consumer<Replicas> change : changes) {
      TrainingTask task = task(tasks.size(), change.andThen(r -> r.evaluateEvery = evaluateEvery));
      tasks.add(tasks.size() % 2 == 0 ? task : onOtherData(task));
    }
    return tasks;
  }

  private static TrainingOutcome alone(TrainingTask task, TrainingProgress progress)
      throws InterruptedException {
    try (ReferenceNetwork network = new ReferenceNetwork(task)) {
      return TrainingLoop.run(task, network, progress);
    }
  }

  private static void assertSame(NetworkState expected, NetworkState actual) {
    assertArrayEquals(expected.parameters(), actual.parameters());
    assertArrayEquals(expected.runningMean(), actual.runningMean());
    assertArrayEquals(expected.runningVariance(), actual.runningVariance());
  }

  private static void assertSame(TrainingOutcome expected, TrainingOutcome actual) {
    assertEquals(expected.status(), actual.status());
    assertEquals(expected.history(), actual.history());
    assertEquals(expected.finalRow(), actual.finalRow());
    assertEquals(expected.trainObjective(), actual.trainObjective());
    assertEquals(expected.steps(), actual.steps());
    assertEquals(expected.epochs(), actual.epochs());
    assertSame(expected.state(), actual.state());
  }

  @Test
  void everyOutcomeIsTheOneOfTheReplicaAlone() throws InterruptedException {
    for (int evaluateEvery : new int[] {1, 7}) {
      List<TrainingTask> tasks = stack(evaluateEvery);
      long[] told = {0};
      List<TrainingOutcome> outcomes;
      ReferenceStack stack = new ReferenceStack(tasks);
      outcomes = TrainingLoop.run(tasks, stack, steps -> told[0] += steps);
      for (int r = 0; r < tasks.size(); r++) {
        assertSame(alone(tasks.get(r), TrainingProgress.NONE), outcomes.get(r));
      }
      assertEquals(
          List.of(
              TrainingStatus.COMPLETED,
              TrainingStatus.EARLY_STOPPED,
              TrainingStatus.DIVERGED,
              TrainingStatus.COMPLETED,
              TrainingStatus.COMPLETED,
              TrainingStatus.EARLY_STOPPED,
              TrainingStatus.COMPLETED,
              TrainingStatus.COMPLETED),
          outcomes.stream().map(TrainingOutcome::status).toList());
      long times = outcomes.stream().mapToInt(TrainingOutcome::epochs).distinct().count();
      assertTrue(times >= 5, "they end at " + times + " different times");
      assertEquals(outcomes.stream().mapToLong(TrainingOutcome::steps).sum(), told[0]);
    }
  }

  /** What was minimised, of the network that was handed out. */
  private static double objective(TrainingTask task, NetworkState state) {
    TrainingOptions options = task.options();
    Examples train = task.data().train();
    float[] logits = new float[train.count() * train.classes()];
    try (ReferenceNetwork network = new ReferenceNetwork(task)) {
      network.restore(state);
      network.logits(train, logits);
    }
    double squares = 0;
    ParameterLayout layout = new ParameterLayout(task.spec());
    for (int l = 0; l < task.spec().layers(); l++) {
      for (int i = 0; i < task.spec().fanIn(l) * task.spec().fanOut(l); i++) {
        squares += Math.pow(state.parameters()[layout.weight(l) + i], 2);
      }
    }
    return LossEvaluation.of(
                options.loss(), logits, train.labels(), train.classes(), options.labelSmoothing())
            .loss()
        + 0.5 * options.optimizer().l2() * squares;
  }

  @Test
  void theObjectiveIsThatOfTheNetworkHandedOut() throws InterruptedException {
    List<TrainingTask> tasks = stack(1);
    List<TrainingOutcome> outcomes =
        TrainingLoop.run(tasks, new ReferenceStack(tasks), TrainingProgress.NONE);
    for (int r = 0; r < tasks.size(); r++) {
      TrainingOutcome outcome = outcomes.get(r);
      double expected = objective(tasks.get(r), outcome.state());
      assertEquals(expected, outcome.trainObjective(), 1e-6 * expected, "replica " + r);
    }
  }

  @Test
  void endedReplicasAreDroppedOnceHalfOfTheStackHasEnded() throws InterruptedException {
    List<TrainingTask> tasks = new ArrayList<>();
    // Two reach their targets at the second evaluation; the gradient of one overflows before it.
    for (int r = 0; r < 5; r++) {
      int index = r;
      tasks.add(
          task(
              r,
              each -> {
                each.activation = Activation.IDENTITY;
                each.loss = LossFunction.MSE;
                each.evaluateEvery = 20;
                each.stopping = index == 1 || index == 4 ? target(10) : StoppingOptions.DEFAULTS;
                each.learningRate = index == 2 ? 1.5 : 0.01;
              }));
    }
    ReferenceStack stack = new ReferenceStack(tasks);
    List<TrainingOutcome> outcomes = TrainingLoop.run(tasks, stack, TrainingProgress.NONE);
    assertEquals(
        List.of(60, 20, 3, 60, 20), outcomes.stream().map(TrainingOutcome::epochs).toList());
    assertEquals(TrainingStatus.DIVERGED, outcomes.get(2).status());
    assertEquals(1, stack.kept().size(), "three of five are more than half");
    assertArrayEquals(new int[] {0, 3}, stack.kept().getFirst());
    for (int r = 0; r < tasks.size(); r++) {
      assertSame(alone(tasks.get(r), TrainingProgress.NONE), outcomes.get(r));
    }
  }

  @Test
  void nothingIsDroppedFromAStackThatEndsTogether() throws InterruptedException {
    List<TrainingTask> tasks = List.of(task(1, r -> {}), task(2, r -> {}));
    ReferenceStack stack = new ReferenceStack(tasks);
    TrainingLoop.run(tasks, stack, TrainingProgress.NONE);
    assertTrue(stack.kept().isEmpty());
    assertEquals(3 * (EPOCHS + 1), stack.evaluations(), "and nothing is evaluated twice");
  }

  @Test
  void everyReplicaStillInTrainingIsShownAtTheSameSteps() throws InterruptedException {
    List<TrainingTask> tasks = stack(1);
    Map<Long, List<TrainingSnapshot>> together = new HashMap<>();
    List<Long> steps = new ArrayList<>();
    TrainingLoop.run(
        tasks,
        new ReferenceStack(tasks),
        new Onlooker(
            (task, snapshot) -> {
              together.computeIfAbsent(task.seed(), seed -> new ArrayList<>()).add(snapshot);
              steps.add(snapshot.step());
            }));
    assertEquals(steps.stream().sorted().toList(), steps, "in lock-step");
    for (TrainingTask task : tasks) {
      List<TrainingSnapshot> expected = new ArrayList<>();
      alone(task, new Onlooker((same, snapshot) -> expected.add(snapshot)));
      List<TrainingSnapshot> actual = together.get(task.seed());
      assertNotNull(actual);
      assertEquals(expected.size(), actual.size());
      for (int i = 0; i < expected.size(); i++) {
        assertEquals(expected.get(i).step(), actual.get(i).step());
        assertEquals(expected.get(i).learningRate(), actual.get(i).learningRate());
        assertSame(expected.get(i).state(), actual.get(i).state());
      }
    }
  }

  /** Looks every fourth step: within epochs and at the ends of some. */
  private record Onlooker(Look look) implements TrainingProgress {
    private interface Look {
      void at(TrainingTask task, TrainingSnapshot snapshot);
    }

    @Override
    public void stepsDone(long steps) {}

    @Override
    public long nextSnapshot(long step) {
      return Math.ceilDiv(step, 4) * 4;
    }

    @Override
    public void snapshot(TrainingTask task, TrainingSnapshot snapshot) {
      look.at(task, snapshot);
    }
  }

  @Test
  void anInterruptionEndsTheStack() {
    List<TrainingTask> tasks = stack(1);
    long[] told = {0};
    TrainingProgress interrupting =
        steps -> {
          told[0] += steps;
          if (told[0] > 100) {
            Thread.currentThread().interrupt();
          }
        };
    ReferenceStack stack = new ReferenceStack(tasks);
    assertThrows(InterruptedException.class, () -> TrainingLoop.run(tasks, stack, interrupting));
    assertFalse(Thread.interrupted(), "the exception stands for it");
    assertTrue(told[0] < 130, told[0] + " steps");
  }

  @Test
  void aReplicasSecondsAreItsShareOfTheStacks() throws InterruptedException {
    List<TrainingTask> tasks = stack(1);
    long start = System.nanoTime();
    List<TrainingOutcome> outcomes =
        TrainingLoop.run(tasks, new ReferenceStack(tasks), TrainingProgress.NONE);
    double whole = (System.nanoTime() - start) * 1e-9;
    double longest = outcomes.getFirst().seconds(); // to the last epoch
    assertTrue(longest > 0 && longest <= whole / tasks.size());
    for (TrainingOutcome outcome : outcomes) {
      assertEquals(outcome.epochs() == EPOCHS, outcome.seconds() == longest);
      assertTrue(outcome.seconds() <= longest);
    }
  }

  @Test
  void replicasThatCannotKeepStepAreRefused() {
    List<Consumer<Replicas>> others =
        List.of(
            r -> r.hidden = List.of(7, 6),
            r -> r.batchNorm = true,
            r -> r.loss = LossFunction.MSE,
            r -> r.optimizer = OptimizerKind.ADAM,
            r -> r.epochs = 5,
            r -> r.batchSize = new BatchSize(10),
            r -> r.evaluateEvery = 2);
    for (Consumer<Replicas> other : others) {
      List<TrainingTask> tasks = List.of(task(1, r -> {}), task(1, other));
      assertThrows(
          IllegalArgumentException.class,
          () -> TrainingLoop.run(tasks, new ReferenceStack(tasks), TrainingProgress.NONE));
    }
  }
}
