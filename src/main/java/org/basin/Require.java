package org.basin;

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

  /** Throws when {@code holds} is false. */
  public static void that(boolean holds, String key, String problem) {
    if (!holds) {
      throw new InvalidSettingException(key, problem);
    }
  }
}
