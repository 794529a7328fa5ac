package org.basin.execute;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.basin.InvalidInputException;
import org.basin.measurement.Measurement;
import org.basin.store.Claim;
import org.basin.store.RunFolder;
import org.basin.store.StudyFile;
import org.basin.theory.StudyRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs studies of an experiment side by side, each from its own seed, so that the number of workers
 * changes no number. A study that fails leaves the others alone.
 */
public final class StudyRunner {
  private static final Logger LOG = LoggerFactory.getLogger(StudyRunner.class);

  private final RunFolder run;
  private final StudyProgress progress;
  private final Workers workers = new Workers();
  private final Queue<StudyRequest> waiting = new ConcurrentLinkedQueue<>();

  /** A runner that writes into {@code run}. */
  public StudyRunner(RunFolder run, StudyProgress progress) {
    this.run = run;
    this.progress = progress;
  }

  /**
   * Runs {@code requests} and returns when all are done or the runner was stopped.
   *
   * @param workerCount how many at once
   */
  public void run(List<StudyRequest> requests, int workerCount) {
    try (Claim claim = run.claimStudies()) {
      if (claim == null) {
        requests.forEach(progress::elsewhere);
        return;
      }
      waiting.addAll(requests);
      workers.run("study", Math.min(workerCount, requests.size()), this::work);
    }
  }

  /** Whether {@link #stop} was called. */
  public boolean stopped() {
    return workers.stopped();
  }

  /** Interrupts the workers, upon which {@link #run} returns soon. */
  public void stop() {
    workers.stop();
  }

  private void work() {
    for (StudyRequest next = waiting.poll();
        next != null && !workers.stopped();
        next = waiting.poll()) {
      guarded(next);
    }
  }

  private void guarded(StudyRequest request) {
    try {
      study(request);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } catch (InvalidInputException refusal) {
      failed(request, String.valueOf(refusal.getMessage()));
    } catch (ExecutionException failure) {
      Throwable cause = failure.getCause();
      if (cause instanceof InvalidInputException) {
        failed(request, String.valueOf(cause.getMessage()));
      } else {
        LOG.error("study {} failed", request.label(), cause);
        failed(request, String.valueOf(cause));
      }
    }
  }

  private void failed(StudyRequest request, String problem) {
    if (!workers.stopped()) { // an interrupted thread can neither read nor write files
      progress.failed(request, "study " + request.label() + ": " + problem);
    }
  }

  private void study(StudyRequest request) throws InterruptedException, ExecutionException {
    StudyFile file = run.study(request.label());
    if (!StudyState.of(List.of(request), run).done().isEmpty()) {
      progress.done(file.read()); // by another process, since this one looked
      return;
    }
    final long start = System.nanoTime();
    // Pure arithmetic, which looks at no interruption: a study that is stopped is left alone with
    // its thread, which touches no file and ends with the process.
    FutureTask<Measurement> task = new FutureTask<>(request::measure);
    Thread.ofPlatform().daemon().name("study " + request.label()).start(task);
    Measurement measured = task.get();
    double seconds = (System.nanoTime() - start) * 1e-9;
    file.write(StudyState.identity(request), seconds, measured);
    progress.done(file.read());
  }
}
