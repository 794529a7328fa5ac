package org.basin.engine.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Workers that compute chunks side by side and reduce them one after the other, in the order of the
 * chunks: so that sums are the same, bit for bit, for any number of workers.
 */
final class ChunkWorkers implements AutoCloseable {

  /** What is done with a chunk. */
  interface Work {
    /** Computes a chunk in the buffers of {@code worker}. */
    void compute(int worker, int chunk);

    /** Adds the chunk that {@code worker} computed to the total; never two at a time. */
    void reduce(int worker, int chunk);
  }

  private final int workers;
  private final ExecutorService others; // the calling thread is worker 0
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition turnEnded = lock.newCondition();
  private final AtomicInteger next = new AtomicInteger();
  private int turn; // chunk to be reduced next; guarded by lock
  private boolean failed; // guarded by lock

  ChunkWorkers(int workers) {
    this.workers = workers;
    others =
        Executors.newFixedThreadPool(
            Math.max(1, workers - 1), Thread.ofPlatform().daemon().name("objective-", 1).factory());
  }

  /** Does {@code work} for the chunks {@code 0..chunks-1}; interrupts are kept for afterwards. */
  void run(int chunks, Work work) {
    next.set(0);
    turn = 0;
    failed = false;
    List<Future<?>> running = new ArrayList<>();
    for (int w = 1; w < Math.min(workers, chunks); w++) {
      int worker = w;
      running.add(others.submit(() -> take(worker, chunks, work)));
    }
    try {
      take(0, chunks, work);
    } finally {
      // Not before the others have let go of their buffers, whatever happened here.
      await(running);
    }
  }

  private void take(int worker, int chunks, Work work) {
    boolean done = false;
    try {
      for (int c = next.getAndIncrement(); c < chunks; c = next.getAndIncrement()) {
        work.compute(worker, c);
        if (!awaitTurn(c)) {
          return;
        }
        work.reduce(worker, c);
        endTurn();
      }
      done = true;
    } finally {
      if (!done) {
        fail();
      }
    }
  }

  /** Waits until all chunks before {@code chunk} are reduced; false when one never will be. */
  private boolean awaitTurn(int chunk) {
    lock.lock();
    try {
      while (turn != chunk && !failed) {
        turnEnded.awaitUninterruptibly();
      }
      return !failed;
    } finally {
      lock.unlock();
    }
  }

  private void endTurn() {
    lock.lock();
    try {
      turn++;
      turnEnded.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void fail() {
    lock.lock();
    try {
      failed = true;
      turnEnded.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private static void await(List<Future<?>> running) {
    boolean interrupted = false;
    for (Future<?> future : running) {
      boolean ended = false;
      while (!ended) {
        try {
          future.get();
          ended = true;
        } catch (InterruptedException later) {
          interrupted = true;
        } catch (ExecutionException failure) {
          throw new IllegalStateException("a worker of the objective failed", failure.getCause());
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    others.shutdown();
  }
}
