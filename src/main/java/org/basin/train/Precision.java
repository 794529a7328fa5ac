package org.basin.train;

import java.util.Locale;
import org.basin.InvalidSettingException;

/** How an engine rounds the factors of its matrix products; all else is single precision. */
public enum Precision {
  /** Not at all. */
  FLOAT32,

  /**
   * To TF32, single precision's range with 10 of its 23 bits of mantissa, which GPUs multiply
   * several times as fast since compute capability 8.0; sums stay in single precision.
   */
  TF32;

  /**
   * Reads a name.
   *
   * @throws InvalidSettingException when there is none such
   */
  public static Precision parse(String text) {
    for (Precision precision : values()) {
      if (precision.toString().equals(text)) {
        return precision;
      }
    }
    throw new InvalidSettingException("precision", "is '" + text + "', allowed: float32, tf32");
  }

  /** Its name in files and on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
