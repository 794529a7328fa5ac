package org.basin.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.basin.InvalidSettingException;
import org.jspecify.annotations.Nullable;

/**
 * The type of one setting, and how a YAML value becomes one.
 *
 * @param type {@code boolean}, {@code int}, {@code long}, {@code double}, {@code String}, an enum,
 *     a list, or a value type with a static {@code parse(String)}
 * @param nullable whether null is a value of its own: the component is a boxed number
 * @param item type of a list's items, {@code int} or {@code double}; null when it is no list
 */
record SettingType(Class<?> type, boolean nullable, @Nullable Class<?> item) {

  /** The type of a value that is no list. */
  SettingType(Class<?> type, boolean nullable) {
    this(type, nullable, null);
  }

  /** The type of a record's component. */
  static SettingType of(RecordComponent component) {
    Class<?> type = component.getType();
    if (type == List.class) {
      Type item = ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0];
      if (item != Integer.class && item != Double.class) {
        throw new IllegalStateException(component + ": only lists of numbers can be read");
      }
      return new SettingType(type, false, item == Integer.class ? int.class : double.class);
    }
    if (type == Integer.class) {
      return new SettingType(int.class, true);
    } else if (type == Long.class) {
      return new SettingType(long.class, true);
    } else if (type == Double.class) {
      return new SettingType(double.class, true);
    }
    return new SettingType(type, false);
  }

  /** Whether a value of this type is written as a list. */
  boolean isList() {
    return item != null;
  }

  /**
   * Converts {@code node}.
   *
   * @param path the setting, for messages
   * @throws org.basin.InvalidInputException naming the place, the value given and what is allowed
   */
  @Nullable Object convert(String path, Node node) {
    if (node instanceof Node.Converted converted) {
      return converted.value();
    }
    if (node.isNull() && nullable) {
      return null;
    }
    if (item != null) {
      return numbers(path, node, item);
    }
    if (node instanceof Node.Scalar scalar && scalar.value() != null) {
      Object value = fromScalar(path, scalar, scalar.value());
      if (value != null) {
        return value;
      }
    }
    throw notAllowed(path, node);
  }

  private @Nullable Object fromScalar(String path, Node.Scalar scalar, Object value) {
    if (type == boolean.class) {
      return value instanceof Boolean ? value : null;
    } else if (type == int.class) {
      BigInteger whole = exact(value);
      return whole != null && whole.bitLength() < Integer.SIZE ? (Integer) whole.intValue() : null;
    } else if (type == long.class) {
      BigInteger whole = exact(value);
      return whole != null && whole.bitLength() < Long.SIZE ? (Long) whole.longValue() : null;
    } else if (type == double.class) {
      return value instanceof Number number && Double.isFinite(number.doubleValue())
          ? (Double) (number.doubleValue() + 0.0) // -0 is 0
          : null;
    } else if (type == String.class) {
      boolean relativePath = Settings.FILES.contains(path) && !scalar.text().isEmpty();
      return relativePath ? scalar.where().absolute(scalar.text()) : scalar.text();
    } else if (type.isEnum()) {
      return constant(scalar.text());
    }
    BigInteger whole = exact(value);
    return parse(path, scalar, whole == null ? scalar.text() : whole.toString());
  }

  /** The whole number that {@code value} is exactly, {@code 1e3} included; null if it is none. */
  private static @Nullable BigInteger exact(Object value) {
    if (value instanceof BigInteger whole) {
      return whole;
    }
    if (value instanceof Double number
        && number == Math.rint(number)
        && Math.abs(number) < 0x1p53) {
      return BigInteger.valueOf(number.longValue());
    }
    return null;
  }

  private @Nullable Object constant(String text) {
    for (Object constant : type.getEnumConstants()) {
      if (SettingValue.name((Enum<?>) constant).equals(text)) {
        return constant;
      }
    }
    return null;
  }

  private Object parse(String path, Node.Scalar scalar, String text) {
    try {
      Method parse = type.getMethod("parse", String.class);
      return parse.invoke(null, text);
    } catch (InvocationTargetException thrown) {
      if (thrown.getCause() instanceof InvalidSettingException invalid) {
        throw scalar.where().problem(path + " " + invalid.problem());
      }
      throw new IllegalStateException(thrown);
    } catch (ReflectiveOperationException noParse) {
      throw new IllegalStateException(type + " cannot be read from text", noParse);
    }
  }

  private List<Object> numbers(String path, Node node, Class<?> item) {
    if (!(node instanceof Node.Sequence sequence)) {
      throw notAllowed(path, node);
    }
    SettingType number = new SettingType(item, false);
    List<Object> numbers = new ArrayList<>();
    for (Node each : sequence.items()) {
      Object converted = number.convert(path, each);
      if (converted == null) {
        throw notAllowed(path, each);
      }
      numbers.add(converted);
    }
    return List.copyOf(numbers);
  }

  private RuntimeException notAllowed(String path, Node node) {
    String shown =
        type.isEnum() && node instanceof Node.Scalar s ? s.shown().replace("'", "") : node.shown();
    return node.where().problem(path + " is " + shown + ", allowed: " + allowed(shown));
  }

  private String allowed(String given) {
    String orNull = nullable ? ", or null" : "";
    if (type == boolean.class) {
      return "true or false";
    } else if (type == int.class) {
      return "a whole number" + (isWhole(given) ? " up to " + Integer.MAX_VALUE : "") + orNull;
    } else if (type == long.class) {
      return "a whole number" + (isWhole(given) ? " up to " + Long.MAX_VALUE : "") + orNull;
    } else if (type == double.class) {
      return "a finite number" + orNull;
    } else if (isList()) {
      return item == int.class
          ? "a list of whole numbers, e.g. [64, 32]"
          : "a list of numbers, e.g. [0.05, 0.1]";
    } else if (type.isEnum()) {
      List<String> names =
          Arrays.stream(type.getEnumConstants())
              .map(constant -> SettingValue.name((Enum<?>) constant))
              .toList();
      String nearest = Nearest.to(given, names);
      return String.join(", ", names) + (nearest == null ? "" : "; did you mean " + nearest + "?");
    }
    return "text";
  }

  private static boolean isWhole(String given) {
    return given.matches("[-+]?[0-9]+");
  }

  @Override
  public String toString() {
    return type.getSimpleName();
  }
}
