package org.basin.cli;

import java.util.List;
import org.basin.config.Experiment;
import org.basin.execute.StudyState;
import org.basin.store.CompletedRun;
import org.basin.store.RunFolder;

/** Reads back a run with its experiment's name and description. */
final class RunReading {
  private RunReading() {}

  static CompletedRun of(RunFolder run) {
    return of(run, Experiment.read(run.experimentFile(), List.of()));
  }

  static CompletedRun of(RunFolder run, Experiment experiment) {
    return run.load(
        experiment.name(), experiment.description(), StudyState.identities(experiment.studies()));
  }
}
