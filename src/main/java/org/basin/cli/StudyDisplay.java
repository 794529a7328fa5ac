package org.basin.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.basin.execute.StudyProgress;
import org.basin.measurement.Comparison;
import org.basin.measurement.Verdict;
import org.basin.store.StudyResult;
import org.basin.theory.StudyRequest;

/** Shows how studies go: a line a study, and one for each prediction that does not hold. */
final class StudyDisplay implements StudyProgress {
  private final PrintWriter out;
  private final PrintWriter err;
  private final int all;
  private int done;
  private int elsewhere;
  private int failed;

  /**
   * A display.
   *
   * @param out where lines go
   * @param err where problems go
   * @param all number of studies of the experiment
   * @param done how many of them were done before
   */
  StudyDisplay(PrintWriter out, PrintWriter err, int all, int done) {
    this.out = out;
    this.err = err;
    this.all = all;
    this.done = done;
  }

  /** Says what is about to happen. */
  synchronized void opening(String name) {
    out.printf(Locale.ROOT, "%s: %d studies, %d done, %d to run%n", name, all, done, all - done);
    out.flush();
  }

  @Override
  public synchronized void done(StudyResult result) {
    done++;
    print(out, result);
    out.flush();
  }

  @Override
  public synchronized void elsewhere(StudyRequest request) {
    elsewhere++;
  }

  @Override
  public synchronized void failed(StudyRequest request, String problem) {
    failed++;
    err.println("basin: " + problem);
    err.flush();
  }

  /** Whether every study is done. */
  synchronized boolean allDone() {
    return done == all;
  }

  /** Says what is not done. */
  synchronized void closing() {
    if (failed > 0) {
      out.printf(Locale.ROOT, "%d studies failed (see above; run again to retry)%n", failed);
    }
    if (elsewhere > 0) {
      out.printf(Locale.ROOT, "%d studies were left to another process%n", elsewhere);
    }
    out.flush();
  }

  /** Says that the studies were stopped by a signal. */
  synchronized void stopped() {
    out.printf(
        Locale.ROOT,
        "stopped with %d of %d studies done; the same command goes on from here%n",
        done,
        all);
    out.flush();
  }

  /** A line about what a study found, and one for each prediction that does not hold. */
  static void print(PrintWriter out, StudyResult result) {
    List<Comparison> comparisons = result.comparisons();
    long hold = comparisons.stream().filter(each -> each.verdict() == Verdict.AGREES).count();
    String kind = result.label().equals(result.kind()) ? "" : " (" + result.kind() + ")";
    out.printf(
        Locale.ROOT,
        "%s%s: %d of %d predictions hold, %.1f s%n",
        result.label(),
        kind,
        hold,
        comparisons.size(),
        result.seconds());
    for (Comparison each : comparisons) {
      if (each.verdict() != Verdict.AGREES) {
        out.printf(
            Locale.ROOT,
            "  %s %s: %.6g, %s%n",
            each.verdict() == Verdict.UNDECIDED ? "undecided:" : "does not hold:",
            each.quantity(),
            each.measured(),
            each.reason());
      }
    }
  }
}
