package org.basin.engine.dl4j;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.basin.Machine;
import org.jspecify.annotations.Nullable;

/**
 * The ND4J backend on the classpath, found without loading it.
 *
 * <p>{@code nd4j-cuda-11.6} M2.1 holds machine code for compute capabilities 3.7 to 8.6 and no PTX,
 * so it runs up to 8.9 (Ada, whose GPUs execute 8.6 code) and not at all on Hopper and Blackwell.
 *
 * @param usable whether it can be used here
 * @param device what it computes on
 * @param reason what it is, or why it cannot be used and what to do
 */
public record Dl4jBackend(boolean usable, String device, String reason) {
  private static final String CPU = "org/nd4j/linalg/cpu/nativecpu/CpuBackend.class";
  private static final String CUDA = "org/nd4j/linalg/jcublas/JCublasBackend.class";
  private static final double LOWEST_CAPABILITY = 3.7;
  private static final double HIGHEST_CAPABILITY = 8.9;

  /** Looks for a backend. */
  public static Dl4jBackend find() {
    if (onClasspath(CUDA)) {
      return cuda(nvidiaSmi());
    }
    if (!onClasspath(CPU)) {
      return new Dl4jBackend(
          false, "none", "no ND4J backend on the classpath; build with mvn package");
    }
    String nd4j = "org/nd4j/linalg/cpu/nativecpu/bindings/";
    String openBlas = "org/bytedeco/openblas/";
    for (String library :
        new String[] {nd4j + "%s/%sjnind4jcpu%s", openBlas + "%s/%sjniopenblas_nolapack%s"}) {
      if (!onClasspath(library.formatted(platform(), "lib", ".so"))
          && !onClasspath(library.formatted(platform(), "lib", ".dylib"))
          && !onClasspath(library.formatted(platform(), "", ".dll"))) {
        return new Dl4jBackend(
            false,
            "none",
            (library.startsWith(nd4j) ? "nd4j-native" : "OpenBLAS")
                + " has no library for "
                + platform()
                + " on the classpath; build with mvn package on this machine");
      }
    }
    return new Dl4jBackend(
        true, Machine.processor(), "DL4J 1.0.0-M2.1 on nd4j-native, " + platform());
  }

  /**
   * Judges the CUDA backend.
   *
   * @param gpu first line of {@code nvidia-smi --query-gpu=name,compute_cap --format=csv,noheader};
   *     null when there is none
   */
  static Dl4jBackend cuda(@Nullable String gpu) {
    if (gpu == null || !gpu.contains(",")) {
      return new Dl4jBackend(
          false, "none", "nd4j-cuda-11.6 is on the classpath, but nvidia-smi finds no GPU");
    }
    String name = gpu.substring(0, gpu.lastIndexOf(',')).strip();
    String capability = gpu.substring(gpu.lastIndexOf(',') + 1).strip();
    double version;
    try {
      version = Double.parseDouble(capability);
    } catch (NumberFormatException unknown) {
      return new Dl4jBackend(
          false, name, name + " has the unknown compute capability '" + capability + "'");
    }
    if (!(version >= LOWEST_CAPABILITY && version <= HIGHEST_CAPABILITY)) { // NaN as well
      return new Dl4jBackend(
          false,
          name,
          "%s has compute capability %s, but nd4j-cuda-11.6 has machine code for 3.7 to 8.6 and no"
                  .formatted(name, capability)
              + " PTX: it runs on 3.7 to 8.9; build without -Pnd4j-cuda to train on the CPU");
    }
    return new Dl4jBackend(
        true, name, "DL4J 1.0.0-M2.1 on nd4j-cuda-11.6, " + name + ", capability " + capability);
  }

  private static @Nullable String nvidiaSmi() {
    try {
      Process process =
          new ProcessBuilder("nvidia-smi", "--query-gpu=name,compute_cap", "--format=csv,noheader")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return null;
      }
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return process.exitValue() == 0 && !output.isEmpty() ? output.lines().toList().get(0) : null;
    } catch (IOException noDriver) {
      return null;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  private static boolean onClasspath(String resource) {
    return Dl4jBackend.class.getClassLoader().getResource(resource) != null;
  }

  /** JavaCPP's name of this platform. */
  private static String platform() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch");
    String system = os.contains("mac") ? "macosx" : os.contains("win") ? "windows" : "linux";
    String processor = arch.equals("aarch64") ? "arm64" : arch.equals("amd64") ? "x86_64" : arch;
    return system + "-" + processor;
  }
}
