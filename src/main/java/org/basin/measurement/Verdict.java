package org.basin.measurement;

/** What a measurement says about a prediction. */
public enum Verdict {
  /** The interval holds the prediction, and is narrow enough to have excluded a wrong one. */
  AGREES,
  /** The interval excludes the prediction. */
  DISAGREES,
  /** The interval is too wide, or there is none. */
  UNDECIDED
}
