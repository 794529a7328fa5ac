package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.basin.engine.Replicas;
import org.basin.engine.TrainingContract;
import org.basin.model.Activation;
import org.basin.train.ClippingOptions;
import org.basin.train.OptimizerKind;
import org.basin.train.StoppingOptions;
import org.basin.train.TrainingOutcome;
import org.basin.train.TrainingProgress;
import org.basin.train.TrainingStatus;
import org.basin.train.TrainingTask;
import org.junit.jupiter.api.Test;

/** What training on a GPU meets, whether that is a real one or an emulated one. */
abstract class CudaTrainingContract extends TrainingContract {

  /** The engine on the GPU under test. */
  abstract CudaEngine engine();

  @Override
  protected TrainingOutcome train(TrainingTask task) throws InterruptedException {
    return engine().train(List.of(task), TrainingProgress.NONE).getFirst();
  }

  private static void assertSame(TrainingOutcome expected, TrainingOutcome actual) {
    assertEquals(expected.status(), actual.status());
    assertEquals(expected.steps(), actual.steps());
    assertEquals(expected.history(), actual.history());
    assertEquals(expected.trainObjective(), actual.trainObjective());
    assertArrayEquals(expected.state().parameters(), actual.state().parameters());
    assertArrayEquals(expected.state().runningMean(), actual.state().runningMean());
    assertArrayEquals(expected.state().runningVariance(), actual.state().runningVariance());
  }

  /** Whether sums are added in the same order however many replicas there are. */
  boolean sameBitsInAnyStack() {
    return true;
  }

  private static void assertClose(float[] expected, float[] actual) {
    double squares = 0;
    double differences = 0;
    for (int i = 0; i < expected.length; i++) {
      squares += (double) expected[i] * expected[i];
      differences += Math.pow((double) expected[i] - actual[i], 2);
    }
    assertEquals(0, Math.sqrt(differences / squares), 1e-3, "relative distance");
  }

  /** Replicas that differ in everything that a stack lets differ. */
  private static List<TrainingTask> different() {
    List<TrainingTask> tasks = new ArrayList<>();
    for (int r = 0; r < 5; r++) {
      Replicas replicas = new Replicas();
      replicas.seed = 10L + r;
      replicas.batchNorm = true;
      replicas.activation = Activation.GELU;
      replicas.optimizer = OptimizerKind.NESTEROV;
      replicas.learningRate = 0.01 * (r + 1);
      replicas.labelSmoothing = 0.1 * r;
      replicas.l2 = 0.01 * r;
      replicas.weightDecay = 0.02 * r;
      replicas.clipping =
          new ClippingOptions(r % 2 == 0 ? null : 0.1 * r, r % 3 == 0 ? null : 0.05 * r);
      replicas.stopping =
          switch (r) {
            case 1 -> new StoppingOptions(1, 0.05, null, 1e4); // stops early
            case 2 -> new StoppingOptions(null, 0, 1.05, 1e4); // reaches its target
            case 3 -> new StoppingOptions(null, 0, null, 1e-3); // counts as diverged at once
            default -> StoppingOptions.DEFAULTS;
          };
      tasks.add(replicas.task());
    }
    return tasks;
  }

  @Test
  void replicasOfAStackAreTheReplicasAlone() throws InterruptedException {
    List<TrainingTask> tasks = different();
    List<TrainingOutcome> together = engine().train(tasks, TrainingProgress.NONE);
    for (int r = 0; r < tasks.size(); r++) {
      TrainingOutcome alone = train(tasks.get(r));
      if (sameBitsInAnyStack()) {
        assertSame(alone, together.get(r));
      } else {
        assertEquals(alone.status(), together.get(r).status());
        assertClose(alone.state().parameters(), together.get(r).state().parameters());
      }
    }
    assertEquals(TrainingStatus.EARLY_STOPPED, together.get(1).status());
    assertTrue(together.get(2).epochs() < 10, "reached its target");
    assertEquals(TrainingStatus.DIVERGED, together.get(3).status());
  }

  @Test
  void trainingAgainGivesTheSameBits() throws InterruptedException {
    TrainingTask task = different().getFirst();
    assertSame(train(task), train(task));
  }
}
