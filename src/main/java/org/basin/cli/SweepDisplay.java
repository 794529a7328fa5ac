package org.basin.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.SequencedSet;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.basin.execute.SweepProgress;
import org.basin.plan.Plan;
import org.basin.plan.Replica;
import org.basin.store.CompletedRun;
import org.jspecify.annotations.Nullable;

/**
 * Shows how a sweep goes: a bar with the time left on a terminal, a line an interval elsewhere
 * (people tail the logs of their schedulers).
 */
final class SweepDisplay implements SweepProgress, AutoCloseable {
  private static final Duration LINE_INTERVAL = Duration.ofSeconds(20);

  private final PrintWriter out;
  private final int replicas;
  private final long totalSteps;
  private final long start = System.nanoTime();
  private @Nullable ProgressBar bar;
  private long nextLine = start + LINE_INTERVAL.toNanos();
  private long steps;
  private final SequencedSet<Replica> atWork = new LinkedHashSet<>();
  private int done;
  private int diverged;
  private int failed;
  private int elsewhere;

  /**
   * A display of {@code missing}, the replicas of {@code plan} that are to be trained.
   *
   * @param out where lines go
   */
  SweepDisplay(PrintWriter out, Plan plan, List<Replica> missing) {
    this.out = out;
    replicas = missing.size();
    totalSteps = missing.stream().mapToLong(each -> plan.cost(each.point()).steps()).sum();
  }

  /** Says what is about to happen. */
  void opening(String name, int planned) {
    out.printf(
        Locale.ROOT,
        "%s: %d replicas, %d done, %d to train (%,d steps)%n",
        name,
        planned,
        planned - replicas,
        replicas,
        totalSteps);
    out.flush();
    if (replicas > 0 && onTerminal()) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(name)
              .setInitialMax(totalSteps)
              .setUnit(" steps", 1)
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(250)
              .build();
    }
  }

  // JDK 25 gives null again where there is no terminal, unlike 22 to 24, which the warning knows.
  @SuppressWarnings("SystemConsoleNull")
  private static boolean onTerminal() {
    return System.console() != null && System.console().isTerminal();
  }

  @Override
  public synchronized void started(Replica replica) {
    atWork.addLast(replica);
    nameThoseAtWork();
  }

  private void nameThoseAtWork() {
    if (bar != null) {
      bar.setExtraMessage(" " + done + "/" + replicas + " " + atWork());
    }
  }

  /** The replicas in training, e.g. {@code width=8-1f3c9a2b/seed=3 and 63 more}. */
  String atWork() {
    if (atWork.isEmpty()) {
      return "";
    }
    int others = atWork.size() - 1;
    return atWork.getLast().folder() + (others == 0 ? "" : " and %d more".formatted(others));
  }

  @Override
  public synchronized void stepsDone(long more) {
    steps += more;
    show(more);
  }

  @Override
  public synchronized void ended(Replica replica, Ending ending, long stepsSkipped) {
    if (atWork.remove(replica)) {
      nameThoseAtWork();
    }
    switch (ending) {
      case DONE -> done++;
      case DIVERGED -> {
        done++;
        diverged++;
      }
      case FAILED -> failed++;
      case ELSEWHERE -> elsewhere++;
      case STOPPED -> {
        return;
      }
    }
    steps += stepsSkipped;
    show(stepsSkipped);
  }

  private void show(long more) {
    if (bar != null) {
      bar.stepBy(more);
    } else if (System.nanoTime() >= nextLine) {
      nextLine = System.nanoTime() + LINE_INTERVAL.toNanos();
      double share = totalSteps == 0 ? 1 : (double) steps / totalSteps;
      double elapsed = (System.nanoTime() - start) * 1e-9;
      out.printf(
          Locale.ROOT,
          "%d/%d replicas, %d in training, %.0f %% of the steps, %s gone, about %s left%n",
          done,
          replicas,
          atWork.size(),
          100 * share,
          duration(elapsed),
          share > 0 ? duration(elapsed * (1 - share) / share) : "?");
      out.flush();
    }
  }

  /** Replicas that were trained. */
  synchronized int done() {
    return done;
  }

  /** Replicas that could not be trained. */
  synchronized int failed() {
    return failed;
  }

  /** Takes the bar away. */
  @Override
  public synchronized void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }

  /** Says that the sweep was stopped by a signal. */
  void stopped() {
    out.printf(
        Locale.ROOT,
        "stopped with %d of %d replicas trained; the same command goes on from here%n",
        done,
        replicas);
    out.flush();
  }

  /** Says what happened. */
  void closing(CompletedRun run, Path report) {
    String elapsed = duration((System.nanoTime() - start) * 1e-9);
    if (run.planned() == 0) {
      out.println("nothing to train; " + elapsed);
    } else {
      out.printf(
          Locale.ROOT,
          "%d of %d replicas are done%s%s%s; %s%n",
          run.replicas().size(),
          run.planned(),
          diverged > 0 ? ", " + diverged + " of this session diverged" : "",
          failed > 0 ? ", " + failed + " failed (see the log above; run again to retry)" : "",
          elsewhere > 0 ? ", " + elsewhere + " were left to another process" : "",
          elapsed);
    }
    out.println("report: " + report);
    out.flush();
  }

  /** Seconds as people say them, e.g. {@code 1 min 20 s}. */
  static String duration(double seconds) {
    if (seconds < 60) {
      return String.format(Locale.ROOT, "%.0f s", seconds);
    }
    long whole = Math.round(seconds);
    if (whole < 3600) {
      return "%d min %d s".formatted(whole / 60, whole % 60);
    }
    return "%d h %d min".formatted(whole / 3600, whole % 3600 / 60);
  }
}
