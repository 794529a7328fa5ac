package org.basin.config;

import java.util.List;

/**
 * A setting that a sweep varies.
 *
 * @param path the setting, e.g. {@code model.width}
 * @param values what it becomes, at least one
 * @param where where the axis was written
 */
public record Axis(String path, List<Assignment> values, Location where) {
  /** Copies the values. */
  public Axis {
    values = List.copyOf(values);
  }
}
