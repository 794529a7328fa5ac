package org.basin.landscape;

import org.basin.model.MlpSpec;

/**
 * Marks the options of a probe that learns all it wants to know of a network from objectives, and
 * from all networks of a shape by much the same questions. An engine that computes several networks
 * at once may then measure them side by side; nothing that such a probe waits for may depend on
 * another network's.
 */
public interface AsksObjectives {
  /** Bytes of the heap that the measuring of such a network takes at most, about. */
  long heapBytes(MlpSpec spec);
}
