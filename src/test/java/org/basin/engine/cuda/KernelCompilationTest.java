package org.basin.engine.cuda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * All kernels compile, without a warning, for the GPUs that are supported, and keep their values in
 * registers; by whichever of CUDA's compilers is here. What a kernel takes stands afterwards in
 * {@code target/kernels.txt}. The slow test has the GPUs between.
 */
class KernelCompilationTest {
  /** Turing, Hopper, and Blackwell as in graphics cards. */
  private static final int[] SOME = {75, 90, 120};

  /** Ampere (A100; others), Ada, Blackwell (B200). */
  private static final int[] OTHERS = {80, 86, 89, 100};

  /** Kernels that may spill registers to memory, and why that costs nothing. */
  private static final Map<String, String> MAY_SPILL = Map.of();

  private static final Pattern PROPERTIES =
      Pattern.compile(
          "Function properties for (\\S+)\\s+(?:ptxas\\s*\\.?)?\\s*(\\d+) bytes stack frame,"
              + " (\\d+) bytes spill stores, (\\d+) bytes spill loads\\s+ptxas info\\s*:"
              + " Used (\\d+) registers(?:[^\\n]*?, (\\d+) bytes smem)?");

  private static final String NO_NVRTC =
      "there is no NVRTC of CUDA 12 or 13 where CudaPlatform looks";

  @TempDir Path folder;

  /** What a kernel takes of a multiprocessor; bytes. */
  private record Resources(
      String kernel, int capability, int registers, int shared, int stack, int spilled) {
    @Override
    public String toString() {
      return "%-28s sm_%-4d %3d registers %6d bytes shared %5d bytes stack %5d bytes spilled"
          .formatted(kernel, capability, registers, shared, stack, spilled);
    }
  }

  private static @Nullable Path nvcc() {
    List<String> folders =
        new ArrayList<>(Arrays.asList(System.getenv("PATH").split(File.pathSeparator, -1)));
    String home = System.getenv("CUDA_HOME");
    if (home != null) {
      folders.addFirst(home + "/bin");
    }
    return folders.stream()
        .map(folder -> Path.of(folder, "nvcc"))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }

  /** Work for every file and GPU, two at a time; results in their order. */
  private static <T> List<T> forAll(int[] capabilities, BiFunction<Path, Integer, T> work)
      throws Exception {
    try (ExecutorService two = Executors.newFixedThreadPool(2)) {
      List<Callable<T>> tasks = new ArrayList<>();
      for (Path file : KernelFiles.all(".cu")) {
        for (int capability : capabilities) {
          tasks.add(() -> work.apply(file, capability));
        }
      }
      List<T> results = new ArrayList<>();
      for (Future<T> result : two.invokeAll(tasks)) {
        results.add(result.get());
      }
      return results;
    }
  }

  @Test
  void nvccCompilesAllWithoutWarningsAndSpills() throws Exception {
    compileWithoutSpills(SOME, "kernels.txt");
  }

  @Test
  @Tag("slow")
  void nvccCompilesAllForTheOtherGpusToo() throws Exception {
    compileWithoutSpills(OTHERS, "kernels-others.txt");
  }

  private void compileWithoutSpills(int[] capabilities, String table) throws Exception {
    Path nvcc = nvcc();
    assumeTrue(nvcc != null, "there is no nvcc in PATH or CUDA_HOME/bin");
    List<Resources> all =
        forAll(capabilities, (file, capability) -> compile(nvcc, file, capability)).stream()
            .flatMap(List::stream)
            .toList();
    Files.write(Path.of("target", table), all.stream().map(Resources::toString).toList());
    List<Resources> spilling =
        all.stream()
            .filter(kernel -> kernel.spilled() > 0 && !MAY_SPILL.containsKey(kernel.kernel()))
            .toList();
    assertTrue(
        spilling.isEmpty(),
        () -> String.join("\n", spilling.stream().map(Resources::toString).toList()));
  }

  private List<Resources> compile(Path nvcc, Path file, int capability) {
    String messages = output(nvcc, file, capability);
    List<Resources> found = new ArrayList<>();
    Matcher kernel = PROPERTIES.matcher(messages);
    while (kernel.find()) {
      found.add(
          new Resources(
              kernel.group(1),
              capability,
              Integer.parseInt(kernel.group(5)),
              kernel.group(6) == null ? 0 : Integer.parseInt(kernel.group(6)),
              Integer.parseInt(kernel.group(2)),
              Integer.parseInt(kernel.group(3)) + Integer.parseInt(kernel.group(4))));
    }
    assertEquals(
        KernelFiles.kernels(file), found.stream().map(Resources::kernel).sorted().toList());
    return found;
  }

  private String output(Path nvcc, Path file, int capability) {
    try {
      Path cubin = folder.resolve(file.getFileName() + "." + capability);
      Process process =
          new ProcessBuilder(
                  nvcc.toString(),
                  "-cubin",
                  "-arch=sm_" + capability,
                  "-std=c++17",
                  "-Werror",
                  "all-warnings",
                  "-Xptxas",
                  "-v",
                  "-o",
                  cubin.toString(),
                  file.toString())
              .redirectErrorStream(true)
              .start();
      process.getOutputStream().close();
      String messages = new String(process.getInputStream().readAllBytes(), UTF_8);
      assertEquals(0, process.waitFor(), messages);
      assertFalse(messages.contains("warning"), messages);
      return messages;
    } catch (IOException | InterruptedException failure) {
      throw new IllegalStateException(failure);
    }
  }

  @Test
  void nvrtcCompilesAllAsTheEngineDoes() throws Exception {
    Nvrtc nvrtc = CudaPlatform.compiler();
    assumeTrue(nvrtc != null, NO_NVRTC);
    KernelCompiler compiler = new KernelCompiler(nvrtc, new KernelCache(folder));
    int[] known = nvrtc.architectures();
    List<byte[]> images =
        forAll(
            SOME,
            (file, capability) ->
                compiler
                    .compile(KernelSource.of(file.getFileName().toString()), capability)
                    .image());
    for (int i = 0; i < images.size(); i++) {
      int capability = SOME[i % SOME.length];
      boolean binary = Arrays.binarySearch(known, capability) >= 0; // else PTX
      String start = new String(images.get(i), 0, 4, UTF_8);
      assertEquals(binary ? "\u007fELF" : "//\n/", start);
    }
  }

  @Test
  void nvrtcTellsWhatIsWrongAndWhere() {
    Nvrtc nvrtc = CudaPlatform.compiler();
    assumeTrue(nvrtc != null, NO_NVRTC);
    CudaException failure =
        assertThrows(
            CudaException.class,
            () ->
                nvrtc.compile(
                    "wrong.cu", "\nint f() { return unknown; }\n", Map.of(), List.of(), false));
    assertTrue(failure.getMessage().contains("wrong.cu(2)"), failure.getMessage());
    assertTrue(failure.getMessage().contains("unknown"), failure.getMessage());
  }
}
