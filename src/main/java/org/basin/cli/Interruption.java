package org.basin.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C and SIGTERM: stops what is running, lets the command tidy up, then lets the process end
 * with 130 or 143, which the JVM sees to. Before anything is trained the process just ends.
 */
final class Interruption {
  private static final int SECONDS_TO_TIDY_UP = 60;
  private static final CountDownLatch LEFT = new CountDownLatch(1);

  private Interruption() {}

  /**
   * Calls {@code stop}, which must not block, when the process is asked to end, and waits for
   * {@link #leave} then.
   */
  static void callOnSignal(Runnable stop) {
    Thread hook = new Thread(() -> tidyUp(stop), "interruption");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private static void tidyUp(Runnable stop) {
    if (LEFT.getCount() == 0) {
      return; // no signal: the command ended by itself
    }
    stop.run();
    try {
      LEFT.await(SECONDS_TO_TIDY_UP, TimeUnit.SECONDS);
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
  }

  /** The command is done; signals no longer concern it. */
  static void leave() {
    LEFT.countDown();
  }
}
