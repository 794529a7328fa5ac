package org.basin.execute;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.basin.config.CanonicalForm;
import org.basin.store.RunFolder;
import org.basin.store.StudyFile;
import org.basin.store.StudyIdentity;
import org.basin.theory.StudyRequest;

/**
 * What of an experiment's studies is done.
 *
 * @param done studies with a whole result of this kind, version, options and seed
 * @param missing studies without a result
 * @param stale studies with a result that cannot be kept, and why
 */
public record StudyState(List<StudyRequest> done, List<StudyRequest> missing, List<Stale> stale) {

  /** A result that is damaged, or of other options than the experiment's. */
  public record Stale(StudyRequest request, String problem) {}

  /** What there is to run: what is missing and what cannot be kept. */
  public List<StudyRequest> toRun() {
    return Stream.concat(missing.stream(), stale.stream().map(Stale::request)).toList();
  }

  /** Looks at {@code requests} in {@code run}. */
  public static StudyState of(List<StudyRequest> requests, RunFolder run) {
    List<StudyRequest> done = new ArrayList<>();
    List<StudyRequest> missing = new ArrayList<>();
    List<Stale> stale = new ArrayList<>();
    for (StudyRequest request : requests) {
      StudyFile file = run.study(request.label());
      if (!file.exists()) {
        missing.add(request);
        continue;
      }
      String difference = file.differenceFrom(identity(request));
      if (difference == null) {
        done.add(request);
      } else {
        stale.add(new Stale(request, difference));
      }
    }
    return new StudyState(done, missing, stale);
  }

  /** What decides the numbers of {@code request}. */
  static StudyIdentity identity(StudyRequest request) {
    return new StudyIdentity(
        request.kind().name(),
        request.kind().version(),
        CanonicalForm.options(request.options()),
        request.seed());
  }

  /** What decides the numbers of {@code requests}, by their labels. */
  public static SequencedMap<String, StudyIdentity> identities(List<StudyRequest> requests) {
    SequencedMap<String, StudyIdentity> identities = new LinkedHashMap<>();
    requests.forEach(request -> identities.put(request.label(), identity(request)));
    return identities;
  }
}
