package org.basin.execute;

import org.basin.store.StudyResult;
import org.basin.theory.StudyRequest;

/** Told how far an experiment's studies have come; called from several threads. */
public interface StudyProgress {
  /** A study is done. */
  void done(StudyResult result);

  /** Another process works on the studies. */
  void elsewhere(StudyRequest request);

  /** A study could not be done; {@code problem} is one line that names it. */
  void failed(StudyRequest request, String problem);
}
