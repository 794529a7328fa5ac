package org.basin.train;

import java.util.List;
import org.basin.model.MlpSpec;

/**
 * How an {@link ObjectiveEngine} answers objectives of several networks at once, where one alone
 * would leave its device idle.
 */
public interface SideBySide {

  /**
   * Most networks that are best measured at once, at least 1.
   *
   * @param spec what they are
   * @param examples of each
   */
  int most(MlpSpec spec, int examples);

  /** How many groups of them to measure at the same time, at least 1. */
  int groups();

  /**
   * Engines for the measuring of {@code count} networks in as many threads. Each is used by one
   * thread, which measures as if it were alone: but what it asks is answered when every other has
   * asked too, or has closed its engine; equal questions about networks of one shape are computed
   * together. So no thread may wait for another of them in any other way.
   *
   * @param count how many, at least 1
   */
  List<ObjectiveEngine> engines(int count);
}
