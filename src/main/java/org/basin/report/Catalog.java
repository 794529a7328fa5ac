package org.basin.report;

import java.util.List;
import org.basin.landscape.ProbeCatalog;
import org.basin.landscape.ProbeKind;
import org.basin.theory.StudyCatalog;
import org.basin.theory.StudyKind;
import org.jspecify.annotations.Nullable;

/**
 * The probes and studies whose claims, figures and laws a report knows.
 *
 * @param probes by their names
 * @param studies by their names
 */
record Catalog(List<ProbeKind<?>> probes, List<StudyKind<?>> studies) {
  /** Every one that there is. */
  static final Catalog ALL = new Catalog(ProbeCatalog.PROBES, StudyCatalog.STUDIES);

  /** The probe called {@code name}; null when there is none. */
  @Nullable ProbeKind<?> probe(String name) {
    return probes.stream().filter(kind -> kind.name().equals(name)).findFirst().orElse(null);
  }

  /** The study called {@code name}; null when there is none. */
  @Nullable StudyKind<?> study(String name) {
    return studies.stream().filter(kind -> kind.name().equals(name)).findFirst().orElse(null);
  }
}
