package org.basin.engine.cuda;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * CUDA for tests on a machine without a GPU: builds src/test/cuda once with g++ into
 * target/cuda-emulator, where libcuda, libnvrtc and libcublas are names of one library. x86-64
 * Linux alone.
 *
 * <p>Its methods are the emulator's controls; what is set holds for the whole process until {@link
 * #reset}.
 */
public final class Emulator {
  /** What the CUDA libraries are called on Linux. */
  static final List<String> NAMES = List.of("libcuda.so.1", "libnvrtc.so.13", "libcublas.so.13");

  /** In which order the threads of a block, and the blocks of a grid, run. */
  public enum Order {
    FORWARD(0),
    REVERSE(1),
    SHUFFLED(2);

    private final int kind;

    Order(int kind) {
      this.kind = kind;
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(Emulator.class);
  private static final Path SOURCES = Path.of("src/test/cuda");
  private static final String LIBRARY = "libcudaemulator.so";

  private static final class Built {
    static final @Nullable Path FOLDER;
    static final @Nullable String PROBLEM;

    static {
      Path folder = null;
      String problem = missing();
      if (problem == null) {
        try {
          folder = build();
        } catch (IOException e) {
          problem = "the CUDA emulator was not built: " + e.getMessage();
        }
      }
      FOLDER = folder;
      PROBLEM = problem;
      if (problem != null) {
        LOG.warn("tests of the CUDA engine are skipped: {}", problem);
      }
    }
  }

  private Emulator() {}

  /** The folder with {@link #NAMES}; only where {@link #problem} is null. */
  public static Path folder() {
    if (Built.FOLDER == null) {
      throw new IllegalStateException(Built.PROBLEM);
    }
    return Built.FOLDER;
  }

  /** Why there is no emulator here, in one sentence; null where there is one. */
  public static @Nullable String problem() {
    return Built.PROBLEM;
  }

  /** How many devices there are, 2 by default. */
  public static void setDevices(int count) {
    call("emulatorSetDevices", FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT), count);
  }

  /** Memory of each device in bytes, 1 GiB by default. */
  public static void setMemory(long bytes) {
    call("emulatorSetMemory", FunctionDescriptor.ofVoid(ValueLayout.JAVA_LONG), bytes);
  }

  /** The seed is of {@link Order#SHUFFLED} alone. */
  public static void setOrder(Order order, long seed) {
    call(
        "emulatorSetOrder",
        FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG),
        order.kind,
        seed);
  }

  /** 9.0 with 227 KiB of shared memory per block on demand by default. */
  public static void setCapability(int major, int minor, int optInSharedBytes) {
    call(
        "emulatorSetCapability",
        FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
        major,
        minor,
        optInSharedBytes);
  }

  /**
   * After {@code after} more calls the function (CUDA's name) fails once with this code, doing
   * nothing.
   */
  public static void fail(String function, int after, int code) {
    plan("emulatorFail", function, after, code);
  }

  /**
   * As {@link #fail}, and every later call of a context fails with the code too, until {@link
   * #reset}.
   */
  public static void lose(String function, int after, int code) {
    plan("emulatorLose", function, after, code);
  }

  /** Launches of all kernels since the last reset; products of cuBLAS are "cublasSgemm". */
  public static long launches() {
    return launches(MemorySegment.NULL);
  }

  /** Launches of one kernel since the last reset; of recorded graphs as "graph". */
  public static long launches(String kernel) {
    try (Arena arena = Arena.ofConfined()) {
      return launches(arena.allocateFrom(kernel));
    }
  }

  /** Calls of a function (CUDA's name) since the last reset. */
  public static long calls(String function) {
    try (Arena arena = Arena.ofConfined()) {
      return count("emulatorCalls", arena.allocateFrom(function));
    }
  }

  /** Bytes of device memory that are allocated now, on all devices. */
  public static long allocated() {
    return (long) call("emulatorAllocated", FunctionDescriptor.of(ValueLayout.JAVA_LONG));
  }

  /** The most that {@link #allocated} has been since the last reset. */
  public static long peak() {
    return (long) call("emulatorPeak", FunctionDescriptor.of(ValueLayout.JAVA_LONG));
  }

  /** Streams, events, modules, graphs and handles of cuBLAS that nobody destroyed yet. */
  public static long handles() {
    return (long) call("emulatorHandles", FunctionDescriptor.of(ValueLayout.JAVA_LONG));
  }

  /**
   * Everything as at the start, except that cuInit stays done; handles and memory of before are
   * gone.
   */
  public static void reset() {
    call("emulatorReset", FunctionDescriptor.ofVoid());
  }

  private static long launches(MemorySegment kernel) {
    return count("emulatorLaunches", kernel);
  }

  private static long count(String control, MemorySegment name) {
    return (long)
        call(control, FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS), name);
  }

  private static void plan(String control, String function, int after, int code) {
    try (Arena arena = Arena.ofConfined()) {
      call(
          control,
          FunctionDescriptor.ofVoid(
              ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT),
          arena.allocateFrom(function),
          after,
          code);
    }
  }

  @SuppressWarnings("restricted")
  private static Object call(String name, FunctionDescriptor descriptor, Object... arguments) {
    MethodHandle handle =
        Linker.nativeLinker()
            .downcallHandle(
                SymbolLookup.libraryLookup(folder().resolve(NAMES.getFirst()), Arena.global())
                    .findOrThrow(name),
                descriptor);
    List<MemoryLayout> layouts = descriptor.argumentLayouts();
    if (layouts.size() != arguments.length) {
      throw new IllegalArgumentException(name);
    }
    try {
      return handle.invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new IllegalStateException(name, e);
    }
  }

  private static @Nullable String missing() {
    String system = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    if (!system.toLowerCase(Locale.ROOT).equals("linux amd64")) {
      return "the CUDA emulator is for x86-64 Linux, this is " + system;
    }
    try {
      Process process =
          new ProcessBuilder("g++", "-dumpversion")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor() == 0 ? null : "the CUDA emulator needs g++, which does not work";
    } catch (IOException e) {
      return "the CUDA emulator needs g++: " + e.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted while g++ was looked for";
    }
  }

  /** Two builds at once each make their own folder; the first that is done gives it its name. */
  private static Path build() throws IOException {
    List<Path> sources;
    try (Stream<Path> files = Files.list(SOURCES)) {
      sources = files.sorted(Comparator.comparing(Path::toString)).toList();
    }
    Path root = Files.createDirectories(Path.of("target/cuda-emulator").toAbsolutePath());
    Path folder = root.resolve(hash(sources));
    if (Files.exists(folder.resolve(LIBRARY))) {
      return folder;
    }
    Path fresh = Files.createTempDirectory(root, "build");
    for (Path source : sources) {
      Files.copy(source, fresh.resolve(source.getFileName()));
    }
    List<String> command =
        new ArrayList<>(
            List.of(
                "g++",
                "-std=c++17",
                "-O2",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-fPIC",
                "-shared",
                "-pthread",
                "-fvisibility=hidden",
                // Where nvrtc.cpp finds device.h; the library is never unloaded, as it handles
                // signals.
                "-DEMULATOR_FOLDER=\"" + folder + "\"",
                "-Wl,-z,nodelete,-z,defs",
                "-o",
                LIBRARY));
    sources.stream()
        .map(source -> source.getFileName().toString())
        .filter(name -> name.endsWith(".cpp"))
        .forEach(command::add);
    command.add("-ldl");
    Path messages = fresh.resolve("messages");
    Process process =
        new ProcessBuilder(command)
            .directory(fresh.toFile())
            .redirectErrorStream(true)
            .redirectOutput(messages.toFile())
            .start();
    try {
      if (process.waitFor() != 0) {
        throw new IOException(Files.readString(messages));
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    // One file under three names: the loader knows it as one library, with one state.
    for (String name : NAMES) {
      Files.createSymbolicLink(fresh.resolve(name), Path.of(LIBRARY));
    }
    try {
      Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (!Files.exists(folder.resolve(LIBRARY))) {
        throw e;
      }
      delete(fresh);
    }
    return folder;
  }

  private static String hash(List<Path> sources) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Path source : sources) {
        digest.update(source.toString().getBytes(StandardCharsets.UTF_8));
        digest.update(Files.readAllBytes(source));
      }
      return HexFormat.of().formatHex(digest.digest()).substring(0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
