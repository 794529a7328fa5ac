package org.basin.measurement;

import java.util.Map;

/**
 * What theory says of a scalar against width: |scalar| ~ width^exponent.
 *
 * @param scalar its name
 * @param given settings, by path and text, that a network must have for the law to be about it,
 *     e.g. {@code model.parameterization: ntk}
 * @param exponent of the width
 * @param source where it is written, and under which conditions, for a reader who meets it for the
 *     first time; a sentence
 */
public record Law(String scalar, Map<String, String> given, double exponent, String source) {

  /** Copies the map. */
  public Law {
    given = Map.copyOf(given);
  }
}
