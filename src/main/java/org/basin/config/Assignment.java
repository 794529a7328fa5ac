package org.basin.config;

import org.jspecify.annotations.Nullable;

/**
 * One setting and a value that a sweep gives it.
 *
 * @param path the setting, e.g. {@code model.width}
 * @param value of the setting's type; null where the setting allows it
 * @param where where the value was written
 */
public record Assignment(String path, @Nullable Object value, Location where) {
  @Override
  public String toString() {
    return path + "=" + SettingValue.text(value);
  }
}
