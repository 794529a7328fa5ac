package org.basin.theory;

import java.util.Objects;
import java.util.SplittableRandom;
import org.basin.measurement.Measurement;

/**
 * A study with its options: what an experiment's {@code studies} name.
 *
 * @param label its name in the experiment and of its files
 * @param kind the study
 * @param options of the kind's class
 * @param seed of everything that is drawn
 */
public record StudyRequest(String label, StudyKind<?> kind, Record options, long seed) {

  /** Checks that the options are of the kind's class. */
  public StudyRequest {
    if (!kind.options().isInstance(options)) {
      throw new IllegalArgumentException(
          "%s takes %s, not %s"
              .formatted(kind.name(), kind.options(), Objects.requireNonNull(options).getClass()));
    }
  }

  /** Runs the study; the same request always gives the same numbers. */
  public Measurement measure() {
    return kind.measure(options, new SplittableRandom(seed));
  }
}
