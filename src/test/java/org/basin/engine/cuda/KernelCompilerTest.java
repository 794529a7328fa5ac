package org.basin.engine.cuda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kernels are compiled once for a GPU, kept, and compiled again when what was kept is no good. */
class KernelCompilerTest {
  private static final KernelSource SOURCE =
      new KernelSource(
          "set.cu",
          """
          #include "value.cuh"
          extern "C" __global__ void __launch_bounds__(32) set(int* x) { x[threadIdx.x] = VALUE; }
          """,
          Map.of("value.cuh", "#define VALUE 7\n"));

  @TempDir Path folder;
  private CudaPlatform platform;
  private KernelCompiler compiler;

  @BeforeEach
  void open() {
    platform = Bench.platform();
    compiler = new KernelCompiler(platform.nvrtc(), new KernelCache(folder));
  }

  @AfterEach
  void close() {
    if (platform != null) {
      Emulator.reset();
    }
  }

  private List<Path> kept() throws IOException {
    try (var files = Files.list(folder)) {
      return files.toList();
    }
  }

  private static void noMoreCompiling() {
    Emulator.fail("nvrtcCompileProgram", 0, 6);
  }

  @Test
  void whatIsKeptIsNotCompiledAgain() throws IOException {
    KernelCompiler.Compiled first = compiler.compile(SOURCE, 90);
    assertEquals(List.of(folder.resolve(first.key())), kept());
    assertTrue(first.key().startsWith("set-sm_90-nvrtc13.0-"), first.key());
    noMoreCompiling();
    assertArrayEquals(first.image(), compiler.compile(SOURCE, 90).image());
  }

  @Test
  void anotherTextHeaderOrGpuIsCompiled() {
    String key = compiler.compile(SOURCE, 90).key();
    KernelSource text = new KernelSource("set.cu", SOURCE.text() + "\n", SOURCE.headers());
    KernelSource header =
        new KernelSource("set.cu", SOURCE.text(), Map.of("value.cuh", "#define VALUE 8\n"));
    assertNotEquals(key, compiler.compile(text, 90).key());
    assertNotEquals(key, compiler.compile(header, 90).key());
    assertNotEquals(key, compiler.compile(SOURCE, 80).key());
  }

  /** What the kernel sets on the first emulated GPU. */
  private int run(CudaPlatform platform, byte[] image) throws InterruptedException {
    CudaDriver driver = platform.driver();
    try (Gpu gpu = new Gpu(platform, 0, new KernelCache(folder));
        Stream stream = new Stream(gpu);
        DeviceArena arena = new DeviceArena(gpu.memory())) {
      DeviceArena.Words x = arena.reserve(32);
      arena.allocate();
      long module = driver.loadModule(image);
      new Kernel(driver, "set", driver.function(module, "set"))
          .launchBlocks(stream, 1, 1, 32, 0, x.address());
      int[] values = new int[32];
      stream.read(x, values);
      stream.synchronize();
      driver.unloadModule(module);
      return values[31];
    }
  }

  @Test
  void machineCodeRunsOnItsGpu() throws InterruptedException {
    assertEquals(7, run(platform, compiler.compile(SOURCE, 90).image()));
  }

  @Test
  void aGpuThatIsNewerThanTheCompilerGetsPtx() throws InterruptedException {
    Emulator.setCapability(15, 3, 99 * 1024);
    KernelCompiler.Compiled compiled = compiler.compile(SOURCE, 153);
    assertTrue(compiled.key().startsWith("set-compute_121-"), compiled.key());
    assertTrue(compiled.key().endsWith(".ptx"), compiled.key());
    assertEquals(0, compiled.image()[compiled.image().length - 1], "PTX is a C string");
    assertEquals(7, run(platform, compiled.image()));
  }

  @Test
  void aGpuThatIsTooOldIsToldOf() throws IOException {
    CudaException failure = assertThrows(CudaException.class, () -> compiler.compile(SOURCE, 61));
    assertEquals(
        "NVRTC 13.0 compiles for compute capability 7.5 and newer, the GPU has 6.1; install an"
            + " older CUDA toolkit",
        failure.getMessage());
    assertEquals(List.of(), kept());
  }

  @Test
  void whatIsWrongIsToldOfAndNotKept() throws IOException {
    KernelSource wrong = new KernelSource("wrong.cu", "int f() { return unknown; }", Map.of());
    CudaException failure = assertThrows(CudaException.class, () -> compiler.compile(wrong, 90));
    assertTrue(failure.getMessage().startsWith("compiling wrong.cu failed"), failure.getMessage());
    assertTrue(failure.getMessage().contains("unknown"), failure.getMessage());
    assertEquals(List.of(), kept());
  }

  @ParameterizedTest
  @ValueSource(strings = {"empty", "half", "changed", "noise"})
  void aDamagedFileIsCompiledAgain(String damage) throws IOException {
    KernelCompiler.Compiled first = compiler.compile(SOURCE, 90);
    Path file = folder.resolve(first.key());
    byte[] good = Files.readAllBytes(file);
    byte[] bad =
        switch (damage) {
          case "empty" -> new byte[0];
          case "half" -> Arrays.copyOf(good, good.length / 2);
          case "changed" -> good.clone();
          default -> "no kernel".getBytes(UTF_8);
        };
    if (damage.equals("changed")) {
      bad[bad.length - 1] ^= 1;
    }
    Files.write(file, bad);
    compiler.compile(SOURCE, 90);
    byte[] again = Files.readAllBytes(file);
    assertFalse(Arrays.equals(bad, again));
    noMoreCompiling();
    compiler.compile(SOURCE, 90); // from the cache, whole
  }

  @Test
  void whatTheDriverRefusesIsCompiledAgain() throws IOException {
    // A whole file, but of no kernel: as one of another compiler's under the same name would be.
    KernelCompiler.Compiled compiled = compiler.compile(KernelSource.of("gather.cu"), 90);
    new KernelCache(folder).write(compiled.key(), "no kernel at all".getBytes(UTF_8));
    try (Gpu gpu = new Gpu(platform, 0, new KernelCache(folder))) {
      assertEquals("gather", gpu.kernel("gather.cu", "gather").name());
    }
    byte[] kept = new KernelCache(folder).read(compiled.key());
    assertNotNull(kept);
    assertTrue(kept.length > 1000);
  }

  @Test
  void aFolderThatCannotBeWrittenIsNoFailure() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    KernelCache cache = new KernelCache(file.resolve("kernels"));
    KernelCompiler.Compiled compiled =
        new KernelCompiler(platform.nvrtc(), cache).compile(SOURCE, 90);
    assertTrue(compiled.image().length > 1000);
    assertNull(cache.read(compiled.key()));
    cache.remove(compiled.key());
  }

  /** Writes one of two long images under one name, again and again. */
  static final class Writer {
    private Writer() {}

    /** The folder, and the byte that the image is of. */
    public static void main(String[] arguments) {
      byte[] image = new byte[100_000];
      Arrays.fill(image, Byte.parseByte(arguments[1]));
      KernelCache cache = new KernelCache(Path.of(arguments[0]));
      for (int i = 0; i < 40; i++) {
        cache.write("image", image);
      }
    }
  }

  @Test
  void twoProcessesNeverShowEachOtherHalfAnImage() throws Exception {
    List<Process> writers = new ArrayList<>();
    for (int value = 1; value <= 2; value++) {
      writers.add(
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Writer.class.getName(),
                  folder.toString(),
                  String.valueOf(value))
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("log" + value).toFile())
              .start());
    }
    KernelCache cache = new KernelCache(folder);
    int reads = 0;
    boolean writing = true;
    while (writing) {
      writing = writers.stream().anyMatch(Process::isAlive);
      if (!Files.exists(folder.resolve("image"))) {
        continue;
      }
      byte[] image = cache.read("image");
      assertNotNull(image, "half an image");
      assertEquals(100_000, image.length);
      reads++;
    }
    for (Process writer : writers) {
      assertEquals(0, writer.waitFor(), () -> "see the log in " + folder + File.separator);
    }
    assertTrue(reads > 1);
    assertEquals(3, kept().size(), "the image and two logs, no parts");
  }
}
