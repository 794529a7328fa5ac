package org.basin.execute;

import org.basin.data.DataOptions;
import org.basin.data.Split;

/** Brings the data of a replica; called from several threads. */
@FunctionalInterface
public interface SplitSource {
  /**
   * The data that {@code options} name, with label noise as the replica of root seed {@code seed}
   * has it.
   */
  Split load(DataOptions options, long seed);
}
