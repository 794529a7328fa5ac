package org.basin.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.math.BigDecimal;
import java.math.MathContext;

/** A number in the page's data: rounded, and {@code null} where it is not finite. */
final class JsonNumber {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** Digits of figures. */
  static final MathContext SIX_DIGITS = new MathContext(6);

  /** Digits of what only a colour or a line shows. */
  static final MathContext FOUR_DIGITS = new MathContext(4);

  private JsonNumber() {}

  /** To six significant digits. */
  static JsonNode of(double value) {
    return of(value, SIX_DIGITS);
  }

  /** To that many significant digits. */
  static JsonNode of(double value, MathContext digits) {
    if (!Double.isFinite(value)) {
      return JSON.nullNode();
    }
    double rounded = new BigDecimal(value).round(digits).doubleValue();
    return rounded == Math.rint(rounded) && Math.abs(rounded) < 1e15
        ? JSON.numberNode((long) rounded)
        : JSON.numberNode(rounded);
  }

  /** All of them. */
  static ArrayNode array(double[] values, MathContext digits) {
    ArrayNode array = JSON.arrayNode();
    for (double value : values) {
      array.add(of(value, digits));
    }
    return array;
  }
}
