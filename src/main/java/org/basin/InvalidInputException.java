package org.basin;

/**
 * What a user gave cannot be used: one clear line that says what is wrong, where, and what is
 * allowed. The command line prints the message alone and ends with exit code 2.
 */
public class InvalidInputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** An input that cannot be used, for the reason in {@code message}. */
  public InvalidInputException(String message) {
    super(message);
  }

  /** An input that cannot be used, for the reason in {@code message}, found by {@code cause}. */
  public InvalidInputException(String message, Throwable cause) {
    super(message, cause);
  }
}
