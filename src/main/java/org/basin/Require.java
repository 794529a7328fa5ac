package org.basin;

import java.util.List;

/** Range checks for the compact constructors of option records; each names the range it allows. */
public final class Require {
  private Require() {}

  /** Throws unless {@code low <= value <= high}. */
  public static void inRange(String key, long value, long low, long high) {
    if (value < low || value > high) {
      throw new InvalidSettingException(
          key, "is " + value + ", allowed: a whole number from " + low + " to " + high);
    }
  }

  /** Throws unless {@code low <= value <= high}; NaN is never allowed. */
  public static void inRange(String key, double value, double low, double high) {
    if (!(value >= low && value <= high)) {
      throw new InvalidSettingException(
          key, "is " + value + ", allowed: a number from " + low + " to " + high);
    }
  }

  /** Throws unless {@code low <= value < high}; NaN is never allowed. */
  public static void inHalfOpenRange(String key, double value, double low, double high) {
    if (!(value >= low && value < high)) {
      throw new InvalidSettingException(
          key, "is " + value + ", allowed: a number from " + low + " to below " + high);
    }
  }

  /** Throws unless {@code 0 < value <= high}; NaN is never allowed. */
  public static void positive(String key, double value, double high) {
    if (!(value > 0 && value <= high)) {
      throw new InvalidSettingException(
          key, "is " + value + ", allowed: a number above 0, up to " + high);
    }
  }

  /** Throws unless there are {@code fewest} values or more, ascending from 1 or more. */
  public static void ascending(String key, List<Integer> values, int fewest, int largest) {
    that(
        values.size() >= fewest,
        key,
        "has " + values.size() + " numbers, allowed: " + fewest + " or more");
    int previous = 0;
    for (int value : values) {
      that(
          value > previous && value <= largest,
          key,
          "is " + values + ", allowed: ascending whole numbers from 1 to " + largest);
      previous = value;
    }
  }

  /** Throws when {@code holds} is false. */
  public static void that(boolean holds, String key, String problem) {
    if (!holds) {
      throw new InvalidSettingException(key, problem);
    }
  }
}
