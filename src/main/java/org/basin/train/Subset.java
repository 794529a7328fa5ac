package org.basin.train;

import org.basin.data.Examples;
import org.basin.data.Split;

/** A part of a replica's data that it is evaluated on. */
public enum Subset {
  /** The training examples, noisy labels as trained on. */
  TRAIN,
  /** The validation examples; there may be none. */
  VALIDATION,
  /** The test examples. */
  TEST;

  /** This part of {@code data}. */
  public Examples of(Split data) {
    return switch (this) {
      case TRAIN -> data.train();
      case VALIDATION -> data.validation();
      case TEST -> data.test();
    };
  }
}
