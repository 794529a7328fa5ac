package org.basin.engine.cpu;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The cores of the machine, shared: a thread that trains a replica gets help with its large
 * products from cores that train none.
 *
 * <p>A product is cut the same way whether help comes or not, so results do not depend on it.
 */
final class Crew implements AutoCloseable {

  /** Work in parts that several threads may do at once, each part once. */
  interface Work {
    /** Does parts until none is left. */
    void doParts();
  }

  private final int cores;
  private final BlockingQueue<Work> calls;
  private final Thread[] helpers;
  private final AtomicInteger busy = new AtomicInteger();

  /** A crew for {@code cores} cores: as many threads train or help at most. */
  Crew(int cores) {
    this.cores = cores;
    calls = new ArrayBlockingQueue<>(Math.max(1, cores));
    helpers = new Thread[Math.max(0, cores - 1)];
    for (int i = 0; i < helpers.length; i++) {
      helpers[i] = Thread.ofPlatform().daemon().name("helper-" + i).start(this::help);
    }
  }

  private void help() {
    try {
      while (true) {
        calls.take().doParts();
      }
    } catch (InterruptedException closed) {
      // The crew is closed.
    }
  }

  /** A thread begins to train a replica. */
  void enter() {
    busy.incrementAndGet();
  }

  /** A thread has trained its replica. */
  void leave() {
    busy.decrementAndGet();
  }

  /**
   * Calls idle cores to {@code work}; those that come late find nothing left.
   *
   * @param most helpers that there is work for
   */
  void call(Work work, int most) {
    int idle = cores - busy.get();
    for (int i = 0; i < Math.min(idle, most); i++) {
      if (!calls.offer(work)) {
        return;
      }
    }
  }

  @Override
  public void close() {
    for (Thread helper : helpers) {
      helper.interrupt();
    }
  }
}
