package org.basin.engine.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.basin.engine.Replicas;
import org.basin.train.TrainingOutcome;
import org.basin.train.TrainingProgress;
import org.junit.jupiter.api.Test;

class CpuEngineTest {
  private static final int WORKERS = OpenBlas.MOST_THREADS + 20;

  /** More workers than OpenBLAS has room for: the others wait for their turn. */
  @Test
  void noMoreTrainAtOnceThanOpenBlasHasRoomFor() throws Exception {
    Replicas replicas = new Replicas();
    Semaphore begun = new Semaphore(0);
    CountDownLatch go = new CountDownLatch(1);
    TrainingProgress held =
        steps -> {
          begun.release();
          try {
            go.await();
          } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
          }
        };
    try (CpuEngine engine = new CpuEngine();
        ExecutorService pool = Executors.newFixedThreadPool(WORKERS)) {
      List<Future<TrainingOutcome>> running = new ArrayList<>();
      for (int i = 0; i < WORKERS; i++) {
        running.add(pool.submit(() -> engine.train(List.of(replicas.task()), held).get(0)));
      }
      try {
        assertTrue(begun.tryAcquire(OpenBlas.MOST_THREADS, 60, TimeUnit.SECONDS));
        assertFalse(begun.tryAcquire(200, TimeUnit.MILLISECONDS), "one more trains");
      } finally {
        go.countDown();
      }
      float[] alone =
          engine.train(List.of(replicas.task()), TrainingProgress.NONE).get(0).state().parameters();
      for (Future<TrainingOutcome> outcome : running) {
        assertArrayEquals(alone, outcome.get(60, TimeUnit.SECONDS).state().parameters());
      }
    }
  }
}
