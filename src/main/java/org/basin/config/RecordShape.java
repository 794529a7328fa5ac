package org.basin.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.basin.InvalidSettingException;
import org.jspecify.annotations.Nullable;

/**
 * An option record seen from outside: its components are settings, or groups of settings when they
 * are records with a static {@code DEFAULTS} themselves.
 */
final class RecordShape {
  private static final ClassValue<RecordShape> SHAPES =
      new ClassValue<>() {
        @Override
        protected RecordShape computeValue(Class<?> type) {
          return new RecordShape(type);
        }
      };

  /**
   * A component.
   *
   * @param name its name, the key in files
   * @param type its class
   * @param setting its type when it is a setting; null when it is a group
   * @param defaultValue its value in {@code DEFAULTS}
   */
  record Component(
      String name,
      Class<?> type,
      @Nullable SettingType setting,
      @Nullable Object defaultValue,
      Method accessor) {

    /** Its value in {@code options}. */
    @Nullable Object in(Object options) {
      try {
        return accessor.invoke(options);
      } catch (ReflectiveOperationException notReadable) {
        throw new IllegalStateException(notReadable);
      }
    }
  }

  private final List<Component> components = new ArrayList<>();
  private final Constructor<?> constructor;

  private RecordShape(Class<?> type) {
    try {
      Object defaults = defaults(type);
      List<Class<?>> types = new ArrayList<>();
      for (RecordComponent component : type.getRecordComponents()) {
        Method accessor = component.getAccessor();
        accessor.setAccessible(true);
        boolean group = isGroup(component.getType());
        components.add(
            new Component(
                component.getName(),
                component.getType(),
                group ? null : SettingType.of(component),
                accessor.invoke(defaults),
                accessor));
        types.add(component.getType());
      }
      constructor = type.getDeclaredConstructor(types.toArray(Class<?>[]::new));
      constructor.setAccessible(true);
    } catch (ReflectiveOperationException notOptions) {
      throw new IllegalStateException(type + " is not a record of options", notOptions);
    }
  }

  private static Object defaults(Class<?> type) throws ReflectiveOperationException {
    Field field = type.getDeclaredField("DEFAULTS");
    field.setAccessible(true);
    return field.get(null);
  }

  private static boolean isGroup(Class<?> type) {
    return type.isRecord()
        && Arrays.stream(type.getDeclaredFields()).anyMatch(f -> f.getName().equals("DEFAULTS"));
  }

  /** The shape of the record class {@code type}. */
  static RecordShape of(Class<?> type) {
    return SHAPES.get(type);
  }

  /** Components in the order of declaration. */
  List<Component> components() {
    return components;
  }

  /**
   * A new record.
   *
   * @throws InvalidSettingException when its constructor does not allow a value
   */
  Object create(@Nullable Object[] values) {
    try {
      return constructor.newInstance(values);
    } catch (InvocationTargetException thrown) {
      if (thrown.getCause() instanceof InvalidSettingException invalid) {
        throw invalid;
      }
      throw new IllegalStateException(thrown.getCause());
    } catch (ReflectiveOperationException notCreatable) {
      throw new IllegalStateException(notCreatable);
    }
  }
}
