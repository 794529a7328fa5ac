package org.basin.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.function.LongSupplier;
import org.basin.train.TrainingProgress;

/**
 * Times the steps of one stack, of all its replicas together, from its first report of progress to
 * its last. What comes before (networks are made, evaluated, and take the steps of the first
 * report) and after (they are evaluated) is left out.
 */
final class StepTimer implements TrainingProgress {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final LongSupplier clock;
  private boolean started;
  private long first;
  private long last;
  private long steps;
  private long firstProcessorTime;
  private long lastProcessorTime;

  /** A timer by {@code clock}, of nanoseconds. */
  StepTimer(LongSupplier clock) {
    this.clock = clock;
  }

  @Override
  public void stepsDone(long now) {
    last = clock.getAsLong();
    lastProcessorTime = THREADS.getCurrentThreadCpuTime();
    if (started) {
      steps += now;
    } else {
      started = true;
      first = last;
      firstProcessorTime = lastProcessorTime;
    }
  }

  /** Steps between the first report and the last. */
  long steps() {
    return steps;
  }

  /** The time that they took. */
  double seconds() {
    return (last - first) * 1e-9;
  }

  /** For how much of it the thread that reported had a core. */
  double processorSeconds() {
    return (lastProcessorTime - firstProcessorTime) * 1e-9;
  }
}
