package org.basin.engine.cuda;

import java.io.File;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A shared library of the machine, and its functions. Libraries stay loaded as long as the process.
 *
 * @param name it was found under, with its folder where that was stated
 * @param symbols its functions
 */
record NativeLibrary(String name, SymbolLookup symbols) {

  /**
   * The first library that can be loaded.
   *
   * @param folders tried first, in their order, each with every name; then the names alone, where
   *     the system looks for libraries
   * @param names file names, the preferred one first
   * @param companion how the names of files begin that the library itself opens by name: they are
   *     loaded before it from its own folder, as the system does not look for them there
   * @return null when there is none
   */
  static @Nullable NativeLibrary find(
      List<String> folders, List<String> names, @Nullable String companion) {
    for (String folder : folders) {
      for (String name : names) {
        if (companion != null && new File(folder, name).exists()) {
          loadAll(folder, companion);
        }
        NativeLibrary library = load(folder + "/" + name);
        if (library != null) {
          return library;
        }
      }
    }
    for (String name : names) {
      NativeLibrary library = load(name);
      if (library != null) {
        return library;
      }
    }
    return null;
  }

  private static void loadAll(String folder, String beginning) {
    File[] files = new File(folder).listFiles((in, name) -> name.startsWith(beginning));
    if (files != null) {
      for (File file : files) {
        load(file.getPath());
      }
    }
  }

  @SuppressWarnings("restricted") // native access is what this is for
  private static @Nullable NativeLibrary load(String name) {
    try {
      return new NativeLibrary(name, SymbolLookup.libraryLookup(name, Arena.global()));
    } catch (IllegalArgumentException notThere) {
      return null;
    }
  }

  /**
   * A function that returns a status.
   *
   * @throws java.util.NoSuchElementException when the library has none of this name
   */
  @SuppressWarnings("restricted") // as above
  MethodHandle function(String function, MemoryLayout... arguments) {
    return Linker.nativeLinker()
        .downcallHandle(
            symbols.findOrThrow(function), FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments));
  }

  /** A function of a status that returns its name or text. */
  @SuppressWarnings("restricted") // as above
  MethodHandle text(String function) {
    return Linker.nativeLinker()
        .downcallHandle(
            symbols.findOrThrow(function),
            FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
  }

  /** What {@code function}, one of {@link #text}, says of {@code status}. */
  static String textOf(MethodHandle function, int status) {
    try {
      return string((MemorySegment) function.invokeExact(status));
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** The C string at {@code address}. */
  @SuppressWarnings("restricted") // as above
  static String string(MemorySegment address) {
    return address.equals(MemorySegment.NULL)
        ? ""
        : address.reinterpret(Long.MAX_VALUE).getString(0);
  }
}
