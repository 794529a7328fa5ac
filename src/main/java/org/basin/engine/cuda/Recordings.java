package org.basin.engine.cuda;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work that comes again and again on one stream: recorded when it comes for the second time, and
 * one launch from then on.
 *
 * @param <K> what tells work from other work; all else it reads from the GPU's memory
 */
final class Recordings<K> {
  private static final Logger LOG = LoggerFactory.getLogger(Recordings.class);

  private final Stream stream;
  private final Map<K, @Nullable Graph> graphs = new HashMap<>();
  private boolean records = true;

  /** None so far. */
  Recordings(Stream stream) {
    this.stream = stream;
  }

  /**
   * Enqueues the work of {@code key}.
   *
   * @param work enqueues it launch by launch
   */
  void enqueue(K key, Runnable work) {
    Graph graph = graph(key, work);
    if (graph == null) {
      work.run();
    } else {
      graph.launch(stream);
    }
  }

  /** What was recorded; null when it is to be enqueued. */
  private @Nullable Graph graph(K key, Runnable work) {
    if (!graphs.containsKey(key)) {
      graphs.put(key, null); // it may never come again
      return null;
    }
    Graph known = graphs.get(key);
    if (known == null && records) {
      try {
        known = stream.record(work);
        graphs.put(key, known);
      } catch (CudaException failure) {
        // A library may do what cannot be recorded, or the driver have no room for as long a graph,
        // which takes some 10 KB a launch whatever its size; a lost GPU fails again at once.
        records = false;
        LOG.info("steps are not recorded: {}", failure.getMessage());
      }
    }
    return known;
  }

  /** Forgets all, such as when memory that they use has moved. */
  void clear() {
    for (Graph graph : graphs.values()) {
      if (graph != null) {
        graph.close();
      }
    }
    graphs.clear();
  }
}
