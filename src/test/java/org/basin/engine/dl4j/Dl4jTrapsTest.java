package org.basin.engine.dl4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.basin.engine.Replicas;
import org.basin.model.Activation;
import org.basin.model.NetworkState;
import org.basin.model.ParameterLayout;
import org.basin.train.BatchSize;
import org.basin.train.ClippingOptions;
import org.basin.train.HistoryRow;
import org.basin.train.LossFunction;
import org.basin.train.StoppingOptions;
import org.basin.train.TrainingLoop;
import org.basin.train.TrainingOutcome;
import org.basin.train.TrainingProgress;
import org.basin.train.TrainingStatus;
import org.basin.train.TrainingTask;
import org.junit.jupiter.api.Test;

/** What DL4J M2.1 does that would bite a user, and does not here. */
class Dl4jTrapsTest {

  private static TrainingOutcome train(Replicas replicas) throws InterruptedException {
    TrainingTask task = replicas.task();
    try (Dl4jNetwork network = new Dl4jNetwork(task)) {
      return TrainingLoop.run(task, network, TrainingProgress.NONE);
    }
  }

  /** One step of plain SGD at rate 1: the update is the gradient, so its norm is the bound. */
  @Test
  void globalNormClippingChangesTheUpdateAndNotACopy() {
    Replicas replicas = new Replicas();
    replicas.learningRate = 1;
    replicas.clipping = new ClippingOptions(0.01, null);
    TrainingTask task = replicas.task();
    try (Dl4jNetwork network = new Dl4jNetwork(task)) {
      float[] before = network.state().parameters();
      double unclipped = network.step(new int[] {0, 1, 2, 3, 4}, 0, 5, new double[] {1});
      float[] after = network.state().parameters();
      double squares = 0;
      for (int i = 0; i < before.length; i++) {
        squares += Math.pow(after[i] - before[i], 2);
      }
      assertTrue(unclipped > 0.05, "the gradient was not worth clipping: " + unclipped);
      assertEquals(0.01, Math.sqrt(squares), 1e-6);
    }
  }

  @Test
  void clippingLeavesRunningStatisticsAlone() {
    Replicas replicas = new Replicas();
    replicas.batchNorm = true;
    NetworkState free = afterOneStep(replicas);
    replicas.clipping = new ClippingOptions(1e-6, 1e-6);
    NetworkState clipped = afterOneStep(replicas);
    assertArrayEquals(free.runningMean(), clipped.runningMean(), 1e-7f);
    assertArrayEquals(free.runningVariance(), clipped.runningVariance(), 1e-7f);
    assertFalse(Arrays.equals(free.parameters(), clipped.parameters()));
  }

  private static NetworkState afterOneStep(Replicas replicas) {
    try (Dl4jNetwork network = new Dl4jNetwork(replicas.task())) {
      network.step(new int[] {0, 1, 2, 3, 4, 5}, 0, 6, new double[] {0.1});
      return network.state();
    }
  }

  /** With a rate so small that the gradient does nothing visible, weights shrink by 1 - η λ. */
  @Test
  void weightDecayIsAppliedOnceAndToWeightsAlone() {
    Replicas replicas = new Replicas();
    replicas.learningRate = 1e-6;
    replicas.weightDecay = 1e5; // η λ = 0.1
    TrainingTask task = replicas.task();
    try (Dl4jNetwork network = new Dl4jNetwork(task)) {
      float[] before = network.state().parameters();
      network.step(new int[] {0, 1, 2, 3}, 0, 4, new double[] {1e-6});
      float[] after = network.state().parameters();
      ParameterLayout layout = new ParameterLayout(task.spec());
      assertEquals(0.9 * before[layout.weight(1)], after[layout.weight(1)], 1e-5);
      assertEquals(before[layout.bias(1)], after[layout.bias(1)], 1e-5);
    }
  }

  @Test
  void seedZeroIsASeedLikeAnyOther() throws InterruptedException {
    Replicas replicas = new Replicas();
    replicas.epochs = 2;
    replicas.seed = 0;
    TrainingOutcome first = train(replicas);
    TrainingOutcome second = train(replicas);
    assertArrayEquals(first.state().parameters(), second.state().parameters());
    replicas.seed = 1;
    assertNotEquals(first.state().parameters()[0], train(replicas).state().parameters()[0]);
  }

  @Test
  void twoReplicasSideBySideAreWhatTheyAreAlone() throws Exception {
    Replicas replicas = new Replicas();
    replicas.batchNorm = true;
    TrainingOutcome alone = train(replicas);
    TrainingOutcome[] together = new TrainingOutcome[2];
    Thread[] threads = new Thread[2];
    for (int t = 0; t < 2; t++) {
      int slot = t;
      threads[t] =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      together[slot] = train(replicas);
                    } catch (InterruptedException interrupted) {
                      Thread.currentThread().interrupt();
                    }
                  });
    }
    for (Thread thread : threads) {
      thread.join();
    }
    for (TrainingOutcome outcome : together) {
      assertArrayEquals(alone.state().parameters(), outcome.state().parameters());
    }
  }

  @Test
  void earlyStoppingKeepsTheScoreAndTheParametersOfTheBestEvaluation() throws InterruptedException {
    Replicas replicas = new Replicas();
    replicas.hidden = List.of(50);
    replicas.learningRate = 1;
    replicas.epochs = 200;
    replicas.stopping = new StoppingOptions(5, 0.0, null, 1e6);
    TrainingTask task = replicas.task();
    try (Dl4jNetwork network = new Dl4jNetwork(task)) {
      TrainingOutcome outcome = TrainingLoop.run(task, network, TrainingProgress.NONE);
      assertEquals(TrainingStatus.EARLY_STOPPED, outcome.status());
      HistoryRow best =
          outcome.history().stream()
              .min((a, b) -> Double.compare(a.validationLoss(), b.validationLoss()))
              .orElseThrow();
      assertEquals(best, outcome.finalRow());
      assertEquals(best.epoch() + 5, outcome.epochs());
      assertArrayEquals(outcome.state().parameters(), network.state().parameters());
    }
  }

  @Test
  void trainingToInterpolationEndsAtItsTarget() throws InterruptedException {
    Replicas replicas = new Replicas();
    replicas.hidden = List.of(50);
    replicas.learningRate = 0.5;
    replicas.epochs = 2000;
    replicas.stopping = new StoppingOptions(null, 0.0, 0.1, 1e6);
    TrainingOutcome outcome = train(replicas);
    assertEquals(TrainingStatus.COMPLETED, outcome.status());
    assertTrue(outcome.epochs() < 2000);
    assertTrue(outcome.finalRow().trainLoss() <= 0.1);
    List<HistoryRow> before = outcome.history().subList(0, outcome.history().size() - 1);
    assertTrue(before.stream().allMatch(row -> row.trainLoss() > 0.1));
  }

  @Test
  void aNetworkTrainedToInterpolationIsKeptWhateverTheValidationLossSays()
      throws InterruptedException {
    Replicas replicas = new Replicas();
    replicas.hidden = List.of(50);
    replicas.learningRate = 0.5;
    replicas.epochs = 2000;
    replicas.stopping = new StoppingOptions(2000, 0.0, 0.1, 1e6);
    TrainingOutcome outcome = train(replicas);
    assertEquals(TrainingStatus.COMPLETED, outcome.status());
    assertTrue(outcome.finalRow().trainLoss() <= 0.1);
    assertEquals(outcome.steps(), outcome.finalRow().step());
  }

  @Test
  void aReplicaWhoseNumbersOverflowSaysSo() throws InterruptedException {
    Replicas replicas = new Replicas();
    replicas.activation = Activation.IDENTITY;
    replicas.loss = LossFunction.MSE;
    replicas.learningRate = 100;
    TrainingOutcome outcome = train(replicas);
    assertEquals(TrainingStatus.DIVERGED, outcome.status());
    assertTrue(outcome.epochs() < replicas.epochs);
  }

  @Test
  void aLossAboveTheBoundIsDivergence() throws InterruptedException {
    Replicas replicas = new Replicas();
    replicas.learningRate = 50;
    replicas.stopping = new StoppingOptions(null, 0.0, null, 2.0);
    TrainingOutcome outcome = train(replicas);
    assertEquals(TrainingStatus.DIVERGED, outcome.status());
    assertTrue(outcome.finalRow().trainLoss() > 2);
  }

  @Test
  void theLastShorterBatchIsTrainedOn() throws InterruptedException {
    Replicas replicas = new Replicas(); // 30 examples
    replicas.batchSize = new BatchSize(12);
    replicas.epochs = 4;
    assertEquals(12, train(replicas).steps()); // 12 + 12 + 6, four times
  }
}
