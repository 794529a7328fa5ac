package org.basin.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.basin.train.BatchSize;
import org.jspecify.annotations.Nullable;

/** How the value of a setting is written: as text and as JSON, each in one normal form. */
public final class SettingValue {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private SettingValue() {}

  /** The value as an experiment file would state it, e.g. {@code two-spirals} or {@code 0.1}. */
  public static String text(@Nullable Object value) {
    return switch (value) {
      case null -> "null";
      case Double number -> text(number.doubleValue());
      case Enum<?> constant -> name(constant);
      case List<?> list ->
          list.stream().map(SettingValue::text).collect(Collectors.joining(", ", "[", "]"));
      default -> value.toString();
    };
  }

  /** The value as JSON; enum constants by their names in files, value types by their text. */
  public static JsonNode json(@Nullable Object value) {
    return switch (value) {
      case null -> JSON.nullNode();
      case Boolean truth -> JSON.booleanNode(truth);
      case Integer number -> JSON.numberNode(number);
      case Long number -> JSON.numberNode(number);
      case Double number -> JSON.numberNode(number);
      case BatchSize size when !size.isFull() -> JSON.numberNode(size.examples());
      case List<?> list -> {
        ArrayNode array = JSON.arrayNode();
        list.forEach(item -> array.add(json(item)));
        yield array;
      }
      default -> JSON.textNode(text(value));
    };
  }

  /** An enum constant's name in files: {@code TWO_SPIRALS} is {@code two-spirals}. */
  static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Plain digits where they are short, e.g. {@code 0.001}; else {@code 1e-8}. */
  private static String text(double number) {
    if (!Double.isFinite(number) || number == 0) {
      return number == 0 ? "0" : Double.toString(number);
    }
    double size = Math.abs(number);
    if (size >= 1e-4 && size < 1e7) {
      return new BigDecimal(Double.toString(number)).stripTrailingZeros().toPlainString();
    }
    return Double.toString(number).replace(".0E", "e").replace('E', 'e');
  }
}
