package org.basin.cli;

import java.util.List;
import org.basin.execute.StudyRunner;
import org.basin.execute.StudyState;
import org.basin.store.RunFolder;
import org.basin.theory.StudyRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/** The studies of a run: says what is missing of them, and runs it. */
final class StudyStage {
  private static final Logger LOG = LoggerFactory.getLogger(StudyStage.class);

  private final RunFolder run;
  private final List<StudyRequest> requests;
  private final List<StudyRequest> missing;
  private final StudyDisplay display;

  /** The stage of {@code requests}, which may be none. */
  StudyStage(CommandLine commandLine, RunFolder run, List<StudyRequest> requests) {
    this.run = run;
    this.requests = requests;
    StudyState state = StudyState.of(requests, run);
    state.stale().forEach(each -> LOG.warn("{}; running the study again", each.problem()));
    missing = state.toRun();
    display =
        new StudyDisplay(
            commandLine.getOut(), commandLine.getErr(), requests.size(), state.done().size());
  }

  /** Whether there is nothing to run. */
  boolean isDone() {
    return missing.isEmpty();
  }

  /** Says what is about to happen. */
  void opening(String name) {
    if (!requests.isEmpty()) {
      display.opening(name);
    }
  }

  /**
   * Runs what is missing.
   *
   * @return false when a signal stopped it
   */
  boolean run(int workerCount, Interruption interruption) {
    if (missing.isEmpty()) {
      return true;
    }
    StudyRunner runner = new StudyRunner(run, display);
    interruption.onSignal(runner::stop);
    runner.run(missing, workerCount);
    if (runner.stopped()) {
      display.stopped();
      return false;
    }
    display.closing();
    return true;
  }

  /** The exit code: a prediction that does not hold is a result, not a failure. */
  int code() {
    return display.allDone() ? Basin.DONE : Basin.INCOMPLETE;
  }
}
