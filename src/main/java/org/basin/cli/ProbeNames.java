package org.basin.cli;

import java.util.Iterator;
import org.basin.landscape.ProbeCatalog;

/** The probes' names, for help and completion. */
final class ProbeNames implements Iterable<String> {
  @Override
  public Iterator<String> iterator() {
    return ProbeCatalog.names().iterator();
  }
}
