package org.basin.report;

/**
 * The setting that the report draws everything against.
 *
 * @param key path of the setting; empty when nothing varies
 * @param label what people call it, e.g. {@code width}
 * @param scale how it is laid out
 */
record SweepAxis(String key, String label, Scale scale) {

  /** How values are laid out along the axis. */
  enum Scale {
    LOG,
    LINEAR,
    CATEGORY,
    /** There is one point: nothing is drawn against anything. */
    NONE
  }

  /** Where a value stands along the axis, so that straight lines between values are right. */
  double transform(double x) {
    return scale == Scale.LOG ? Math.log(x) : x;
  }

  /** The inverse of {@code transform}. */
  double invert(double position) {
    return scale == Scale.LOG ? Math.exp(position) : position;
  }

  /** Whether values between the tested ones have a meaning. */
  boolean isNumeric() {
    return scale == Scale.LOG || scale == Scale.LINEAR;
  }
}
