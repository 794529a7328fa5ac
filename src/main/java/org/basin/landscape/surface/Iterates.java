package org.basin.landscape.surface;

import java.util.ArrayList;
import java.util.List;
import org.basin.InvalidInputException;
import org.basin.landscape.Subject;
import org.basin.train.TrainingSnapshot;

/**
 * Networks that a training passes through, at equally spaced steps from the first on, and its last.
 *
 * <p>A training may end before its last step: so they are taken more closely than is asked for, and
 * whenever there would be too many, every second one is dropped and the distance doubled.
 */
final class Iterates {
  /** Steps between the first networks at most, so that a training that ends soon is seen too. */
  private static final long FIRST_STRIDE = 16;

  private final int most;
  private final long end;
  private final List<Long> steps = new ArrayList<>();
  private final List<float[]> parameters = new ArrayList<>();
  private long stride;

  private Iterates(int most, long end) {
    this.most = most;
    this.end = end;
    stride = Math.max(1, Math.ceilDiv(end, most - 1L));
    while (stride > FIRST_STRIDE) {
      stride = Math.ceilDiv(stride, 2);
    }
  }

  /**
   * Repeats the training that led to a network, up to it.
   *
   * @param most how many networks are kept, at least 3
   * @throws InvalidInputException when they do not fit into the memory that is free
   * @throws InterruptedException when the thread was interrupted
   */
  static Iterates of(Subject subject, int most) throws InterruptedException {
    TrainingSnapshot now = subject.snapshot();
    long end = now == null ? subject.retraining().steps() : now.step();
    requireMemory(Math.min(most, end + 1), subject.theta().length);
    Iterates iterates = new Iterates(most, end);
    subject.retraining().run(iterates::next, iterates::see);
    return iterates;
  }

  private static void requireMemory(long iterates, int size) {
    long bytes = iterates * size * Float.BYTES;
    if (bytes > available()) {
      System.gc(); // Garbage counts as used until it is collected.
      long available = available();
      if (bytes > available) {
        throw new InvalidInputException(
            "surface: %d iterates of %,d parameters need %,d bytes of memory, available: %,d;"
                    .formatted(iterates, size, bytes, available)
                + " allowed: fewer iterates, or a larger heap (BASIN_JAVA_OPTIONS=-Xmx...)");
      }
    }
  }

  private static long available() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.maxMemory() - runtime.totalMemory() + runtime.freeMemory();
  }

  private long next(long step) {
    return step > end ? Long.MAX_VALUE : Math.min(end, Math.ceilDiv(step, stride) * stride);
  }

  private void see(TrainingSnapshot snapshot) {
    if (steps.size() == most) {
      thin();
    }
    if (snapshot.step() % stride == 0 || snapshot.step() == end) {
      steps.add(snapshot.step());
      parameters.add(snapshot.state().parameters());
    }
  }

  private void thin() {
    stride *= 2;
    for (int i = steps.size() - 1; i >= 0; i--) {
      if (steps.get(i) % stride != 0) {
        steps.remove(i);
        parameters.remove(i);
      }
    }
  }

  int count() {
    return steps.size();
  }

  /** Steps that were done at iterate {@code index}. */
  long step(int index) {
    return steps.get(index);
  }

  /** θ_t of iterate {@code index}, {@code [P]}. */
  float[] parameters(int index) {
    return parameters.get(index);
  }
}
