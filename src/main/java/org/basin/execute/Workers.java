package org.basin.execute;

import java.util.ArrayList;
import java.util.List;

/** Threads that do one piece of work until all of it is done, or until they are stopped. */
final class Workers {
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopped;

  /**
   * Runs {@code work} on threads of its own and returns when all have ended; an interruption of the
   * caller stops them.
   *
   * @param name of a thread, a number behind it
   */
  void run(String name, int count, Runnable work) {
    try {
      synchronized (threads) {
        for (int i = 0; i < count; i++) {
          threads.add(Thread.ofPlatform().name(name + "-" + i).start(work));
        }
      }
    } catch (OutOfMemoryError noThread) {
      stop(); // those that have started may wait for this one
      throw noThread;
    } finally {
      threads.forEach(this::join);
    }
  }

  /** Whether {@link #stop} was called. */
  boolean stopped() {
    return stopped;
  }

  /** Interrupts the threads, upon which {@link #run} returns soon. */
  void stop() {
    stopped = true;
    synchronized (threads) {
      threads.forEach(Thread::interrupt);
    }
  }

  private void join(Thread thread) {
    while (true) {
      try {
        thread.join();
        return;
      } catch (InterruptedException interrupted) {
        stop();
      }
    }
  }
}
