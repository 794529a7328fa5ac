package org.basin.engine.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** NVRTC, NVIDIA's compiler of CUDA C++ as a library. */
final class Nvrtc {
  private final MethodHandle errorString;
  private final MethodHandle version;
  private final MethodHandle architectureCount;
  private final MethodHandle architectures;
  private final MethodHandle create;
  private final MethodHandle compile;
  private final MethodHandle logSize;
  private final MethodHandle log;
  private final MethodHandle cubinSize;
  private final MethodHandle cubin;
  private final MethodHandle ptxSize;
  private final MethodHandle ptx;
  private final MethodHandle destroy;

  /**
   * Binds the compiler's functions.
   *
   * @throws java.util.NoSuchElementException when it is older than CUDA 11.2
   */
  Nvrtc(NativeLibrary library) {
    errorString = library.text("nvrtcGetErrorString");
    version = library.function("nvrtcVersion", ADDRESS, ADDRESS);
    architectureCount = library.function("nvrtcGetNumSupportedArchs", ADDRESS);
    architectures = library.function("nvrtcGetSupportedArchs", ADDRESS);
    create =
        library.function(
            "nvrtcCreateProgram", ADDRESS, ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS);
    compile = library.function("nvrtcCompileProgram", JAVA_LONG, JAVA_INT, ADDRESS);
    logSize = library.function("nvrtcGetProgramLogSize", JAVA_LONG, ADDRESS);
    log = library.function("nvrtcGetProgramLog", JAVA_LONG, ADDRESS);
    cubinSize = library.function("nvrtcGetCUBINSize", JAVA_LONG, ADDRESS);
    cubin = library.function("nvrtcGetCUBIN", JAVA_LONG, ADDRESS);
    ptxSize = library.function("nvrtcGetPTXSize", JAVA_LONG, ADDRESS);
    ptx = library.function("nvrtcGetPTX", JAVA_LONG, ADDRESS);
    destroy = library.function("nvrtcDestroyProgram", ADDRESS);
  }

  private void check(String function, NativeCall call) {
    int status = NativeCall.status(call);
    if (status != 0) {
      throw failure(function, status, "");
    }
  }

  private CudaException failure(String function, int status, String log) {
    String text = NativeLibrary.textOf(errorString, status);
    return new CudaException(
        CudaException.Kind.OTHER, "%s failed with %s%s".formatted(function, text, log));
  }

  /** The compiler's version, e.g. {@code 13.0}. */
  String version() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment major = arena.allocate(JAVA_INT);
      MemorySegment minor = arena.allocate(JAVA_INT);
      check("nvrtcVersion", () -> (int) version.invokeExact(major, minor));
      return major.get(JAVA_INT, 0) + "." + minor.get(JAVA_INT, 0);
    }
  }

  /** The compute capabilities that the compiler knows, e.g. 90, in rising order. */
  int[] architectures() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment count = arena.allocate(JAVA_INT);
      check("nvrtcGetNumSupportedArchs", () -> (int) architectureCount.invokeExact(count));
      MemorySegment values = arena.allocate(JAVA_INT, count.get(JAVA_INT, 0));
      check("nvrtcGetSupportedArchs", () -> (int) architectures.invokeExact(values));
      return values.toArray(JAVA_INT);
    }
  }

  /**
   * Compiles a source.
   *
   * @param name of the source, for messages
   * @param headers texts by the names that sources include them under
   * @param binary whether to return machine code (a cubin), or PTX
   * @throws CudaException with the compiler's messages when it does not compile
   */
  byte[] compile(
      String name,
      String source,
      Map<String, String> headers,
      List<String> options,
      boolean binary) {
    try (Arena arena = Arena.ofConfined()) {
      List<String> headerTexts = new ArrayList<>();
      List<String> headerNames = new ArrayList<>();
      headers.forEach(
          (headerName, text) -> {
            headerNames.add(headerName);
            headerTexts.add(text);
          });
      MemorySegment handle = arena.allocate(ADDRESS);
      MemorySegment sourceText = arena.allocateFrom(source);
      MemorySegment nameText = arena.allocateFrom(name);
      MemorySegment texts = strings(arena, headerTexts);
      MemorySegment names = strings(arena, headerNames);
      check(
          "nvrtcCreateProgram",
          () ->
              (int) create.invokeExact(handle, sourceText, nameText, headers.size(), texts, names));
      try {
        long program = handle.get(JAVA_LONG, 0);
        MemorySegment optionTexts = strings(arena, options);
        int status =
            NativeCall.status(
                () -> (int) compile.invokeExact(program, options.size(), optionTexts));
        if (status != 0) {
          String messages = new String(result(arena, logSize, log, program), UTF_8).strip();
          throw failure("compiling " + name, status, "\n" + messages.replace("\0", ""));
        }
        return binary
            ? result(arena, cubinSize, cubin, program)
            : result(arena, ptxSize, ptx, program);
      } finally {
        check("nvrtcDestroyProgram", () -> (int) destroy.invokeExact(handle));
      }
    }
  }

  private static MemorySegment strings(SegmentAllocator arena, List<String> strings) {
    MemorySegment pointers = arena.allocate(ADDRESS, Math.max(1, strings.size()));
    for (int i = 0; i < strings.size(); i++) {
      pointers.setAtIndex(ADDRESS, i, arena.allocateFrom(strings.get(i)));
    }
    return pointers;
  }

  private byte[] result(Arena arena, MethodHandle size, MethodHandle get, long program) {
    MemorySegment length = arena.allocate(JAVA_LONG);
    check("reading a program", () -> (int) size.invokeExact(program, length));
    MemorySegment bytes = arena.allocate(Math.max(1, length.get(JAVA_LONG, 0)));
    check("reading a program", () -> (int) get.invokeExact(program, bytes));
    return bytes.toArray(JAVA_BYTE);
  }
}
