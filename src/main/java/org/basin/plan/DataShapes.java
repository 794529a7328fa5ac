package org.basin.plan;

import org.basin.data.DataOptions;
import org.basin.data.DataShape;

/** Knows how large a dataset is; asked once for options that differ in label noise alone. */
@FunctionalInterface
public interface DataShapes {
  /**
   * The shape of the data that {@code options} name.
   *
   * @throws org.basin.InvalidInputException when there are no such data, or they cannot be used
   */
  DataShape of(DataOptions options);
}
