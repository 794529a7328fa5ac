package org.basin.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ctrl-C and SIGTERM, from the making of this object to its {@link #close}: what is running is
 * stopped and tidies up, then the process ends with 130 or 143, which the JVM sees to. At other
 * times the process just ends.
 */
final class Interruption implements AutoCloseable {
  private static final int SECONDS_TO_TIDY_UP = 60;

  private final CountDownLatch tidy = new CountDownLatch(1);
  private final Thread hook = new Thread(this::signalled, "interruption");
  private @Nullable Runnable stop;
  private boolean signalled;

  private Interruption() {}

  /** Begins to hold signals up. */
  static Interruption held() {
    Interruption interruption = new Interruption();
    Runtime.getRuntime().addShutdownHook(interruption.hook);
    return interruption;
  }

  /** Calls {@code task}, which must not block, on a signal, also on one that has come already. */
  synchronized void onSignal(Runnable task) {
    stop = task;
    if (signalled) {
      task.run();
    }
  }

  private void signalled() {
    synchronized (this) {
      signalled = true;
      if (stop != null) {
        stop.run();
      }
    }
    try {
      tidy.await(SECONDS_TO_TIDY_UP, TimeUnit.SECONDS);
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
  }

  /** All is tidy. */
  @Override
  public void close() {
    tidy.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException endsAlready) {
      return; // a signal came, and the hook goes on now
    }
  }
}
