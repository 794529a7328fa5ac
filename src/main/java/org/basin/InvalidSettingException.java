package org.basin;

/**
 * A setting's value is not allowed. Thrown by the constructors of the option records, which know
 * the key but not the file; whoever read the file adds file and line.
 */
public final class InvalidSettingException extends InvalidInputException {
  private static final long serialVersionUID = 1L;

  private final String key;

  /**
   * A value that is not allowed.
   *
   * @param key name of the record component at fault, e.g. {@code batchSize}
   * @param problem the value given and what is allowed, e.g. {@code "is 0, allowed: 1 or more"}
   */
  public InvalidSettingException(String key, String problem) {
    super(key + " " + problem);
    this.key = key;
  }

  /** Name of the record component at fault. */
  public String key() {
    return key;
  }

  /** The value given and what is allowed, without the key. */
  public String problem() {
    return getMessage().substring(key.length() + 1);
  }
}
