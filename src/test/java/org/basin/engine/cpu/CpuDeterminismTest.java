package org.basin.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.basin.engine.Replicas;
import org.basin.train.OptimizerKind;
import org.basin.train.TrainingLoop;
import org.basin.train.TrainingOutcome;
import org.basin.train.TrainingProgress;
import org.basin.train.TrainingTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same results, bit for bit, whatever trains beside them. */
class CpuDeterminismTest {
  private static final int REPLICAS = 7;

  @ParameterizedTest
  @ValueSource(ints = {2, 7})
  void resultsDoNotDependOnTheNumberOfWorkers(int workers) throws Exception {
    List<TrainingOutcome> alone = train(1);
    List<TrainingOutcome> together = train(workers);
    for (int i = 0; i < REPLICAS; i++) {
      assertArrayEquals(alone.get(i).state().parameters(), together.get(i).state().parameters());
      assertArrayEquals(
          alone.get(i).state().runningVariance(), together.get(i).state().runningVariance());
      assertEquals(alone.get(i).finalRow(), together.get(i).finalRow());
    }
  }

  private static List<TrainingOutcome> train(int workers) throws Exception {
    List<TrainingOutcome> outcomes = new ArrayList<>();
    try (CpuEngine engine = new CpuEngine();
        ExecutorService pool = Executors.newFixedThreadPool(workers)) {
      List<Future<TrainingOutcome>> running = new ArrayList<>();
      for (int i = 0; i < REPLICAS; i++) {
        Replicas replicas = new Replicas();
        replicas.seed = i;
        replicas.hidden = List.of(16 + 40 * i, 300);
        replicas.batchNorm = i % 2 == 0;
        replicas.optimizer = OptimizerKind.NESTEROV;
        replicas.learningRate = 0.01;
        replicas.epochs = 20;
        running.add(
            pool.submit(
                () -> engine.train(List.of(replicas.task()), TrainingProgress.NONE).get(0)));
      }
      for (Future<TrainingOutcome> outcome : running) {
        outcomes.add(outcome.get());
      }
    }
    return outcomes;
  }

  @Test
  void helpWithLargeProductsDoesNotChangeThem() throws InterruptedException {
    Replicas replicas = new Replicas();
    replicas.hidden = List.of(600, 1100); // two panels and four
    replicas.epochs = 5;
    TrainingTask task = replicas.task();
    try (Crew alone = new Crew(1);
        Crew helped = new Crew(4)) {
      TrainingOutcome expected =
          TrainingLoop.run(task, new CpuNetwork(task, alone), TrainingProgress.NONE);
      TrainingOutcome actual =
          TrainingLoop.run(task, new CpuNetwork(task, helped), TrainingProgress.NONE);
      assertArrayEquals(expected.state().parameters(), actual.state().parameters());
    }
  }
}
