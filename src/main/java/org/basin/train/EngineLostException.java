package org.basin.train;

/**
 * The device of an engine is gone in the midst of its work (reset, out of reach, in an error that
 * outlives the call), or turns out to be unusable (its software refuses), so that nothing more can
 * be done on it by this process. What was handed out before is whole. The message is one line: what
 * was found, and what to do.
 */
public final class EngineLostException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** The loss of an engine. */
  public EngineLostException(String message) {
    super(message);
  }

  /** The loss of an engine, as {@code cause} found it. */
  public EngineLostException(String message, Throwable cause) {
    super(message, cause);
  }
}
