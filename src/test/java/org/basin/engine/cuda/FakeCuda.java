package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Shared libraries that are there and compute nothing, for the search of a machine: a driver that
 * tells of its GPUs, and compilers and products of any version. Built by the C compiler at hand.
 *
 * @param folder that they lie in
 */
record FakeCuda(Path folder) {
  private static final String DRIVER =
      """
      static const int CAPABILITIES[] = {CAPABILITY};
      enum { DEVICES = sizeof CAPABILITIES / sizeof *CAPABILITIES - 1 };
      int cuInit(unsigned flags) { return DEVICES == 0 ? 100 : 0; }
      int cuGetErrorName(int code, const char **name) { *name = "CUDA_ERROR_NO_DEVICE"; return 0; }
      int cuGetErrorString(int code, const char **text) { *text = "no CUDA-capable device"; return 0; }
      int cuDriverGetVersion(int *version) { *version = VERSION; return 0; }
      int cuDeviceGetCount(int *count) { *count = DEVICES; return 0; }
      int cuDeviceGet(int *device, int ordinal) { *device = ordinal; return 0; }
      int cuDeviceGetName(char *name, int length, int device) {
        const char text[] = "Fake GPU";
        for (unsigned i = 0; i < sizeof text; i++) name[i] = text[i];
        return 0;
      }
      int cuDeviceGetAttribute(int *value, int attribute, int device) {
        int capability = CAPABILITIES[device];
        *value = attribute == 75 ? capability / 10 : attribute == 76 ? capability % 10 : 100;
        return 0;
      }
      """;

  private static final Path BINDINGS = Path.of("src/main/java/org/basin/engine/cuda");
  private static final Pattern BOUND =
      Pattern.compile("library\\.(?:function|text)\\(\\s*\"(\\w+)\"");

  /** The functions that {@code source} binds, but for those that {@code own} defines. */
  private static List<String> functions(String source, String own) {
    try {
      return BOUND
          .matcher(Files.readString(BINDINGS.resolve(source)))
          .results()
          .map(bound -> bound.group(1))
          .filter(name -> !own.contains(" " + name + "("))
          .toList();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /**
   * A driver.
   *
   * @param version 1000 major + 10 minor
   * @param capabilities of the GPUs that it shows
   */
  FakeCuda driver(int version, int... capabilities) {
    return build(
        "libcuda.so.1", driverSource(version, capabilities), functions("CudaDriver.java", DRIVER));
  }

  /** A driver of before {@code function}. */
  FakeCuda driverWithout(String function) {
    return build(
        "libcuda.so.1",
        driverSource(12_000, 90),
        without(functions("CudaDriver.java", DRIVER), function));
  }

  private static String driverSource(int version, int... capabilities) {
    String numbers = Arrays.toString(capabilities).replaceAll("[\\[\\]]", "");
    String ended = numbers.isEmpty() ? "0" : numbers + ", 0";
    return DRIVER.replace("VERSION;", version + ";").replace("{CAPABILITY}", "{" + ended + "}");
  }

  /** NVRTC of a CUDA version. */
  FakeCuda nvrtc(int toolkit) {
    return build("libnvrtc.so." + toolkit, "", functions("Nvrtc.java", ""));
  }

  /** NVRTC of before {@code function}. */
  FakeCuda nvrtcWithout(int toolkit, String function) {
    return build("libnvrtc.so." + toolkit, "", without(functions("Nvrtc.java", ""), function));
  }

  /** The matrix products of a CUDA version. */
  FakeCuda cublas(int toolkit) {
    return build("libcublas.so." + toolkit, "", functions("Cublas.java", ""));
  }

  private static List<String> without(List<String> functions, String one) {
    return functions.stream().filter(each -> !each.equals(one)).toList();
  }

  private FakeCuda build(String name, String source, List<String> succeeding) {
    StringBuilder whole = new StringBuilder(source);
    succeeding.forEach(each -> whole.append("int ").append(each).append("(void) { return 0; }\n"));
    try {
      Path file = Files.writeString(folder.resolve(name + ".c"), whole);
      Process compiler;
      try {
        compiler =
            new ProcessBuilder("cc", "-shared", "-fPIC", "-o", name, file.toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
      } catch (IOException none) {
        assumeTrue(false, "there is no C compiler: " + none.getMessage());
        throw none;
      }
      String output = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, compiler.waitFor(), output);
      return this;
    } catch (IOException | InterruptedException failure) {
      throw new AssertionError(failure);
    }
  }

  /** What is found here, and where the system looks; skipped where that has CUDA's libraries. */
  CudaPlatform.Search search() {
    Stream.of(
            "libcuda.so.1",
            "libnvrtc.so.12",
            "libnvrtc.so.13",
            "libcublas.so.12",
            "libcublas.so.13")
        .forEach(
            name ->
                assumeTrue(
                    NativeLibrary.find(List.of(), List.of(name), null) == null,
                    "this machine has " + name));
    return CudaPlatform.search(List.of(folder.toString()));
  }
}
