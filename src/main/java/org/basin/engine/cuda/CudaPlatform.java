package org.basin.engine.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What this machine has of CUDA: the driver, NVRTC, cuBLAS, and the GPUs.
 *
 * @param driver the driver's functions
 * @param nvrtc the compiler
 * @param cublas the matrix products
 * @param gpus those that the driver shows, by ordinal
 */
record CudaPlatform(CudaDriver driver, Nvrtc nvrtc, Cublas cublas, List<GpuDescription> gpus) {
  /** Names folders with NVRTC and cuBLAS (or all CUDA libraries), separated as class paths are. */
  static final String PATH_PROPERTY = "basin.cuda.path";

  /** Of the toolkits whose libraries are looked for, the newest first. */
  private static final int[] TOOLKITS = {13, 12};

  /** Compute capability 7.5 (Turing): the least that CUDA 13 compiles for. */
  static final int LEAST_CAPABILITY = 75;

  private static final String REMEDY =
      "install the CUDA toolkit (12 or 13), or only its NVRTC and cuBLAS, and name their folder in"
          + " CUDA_HOME or with BASIN_JAVA_OPTIONS=-D"
          + PATH_PROPERTY
          + "=...";

  /**
   * What was found, or why nothing can be computed here.
   *
   * @param platform null when there is a problem
   * @param problem what was found, what is needed, and what to do; null when there is a platform
   */
  record Search(@Nullable CudaPlatform platform, @Nullable String problem) {}

  /** The machine's, searched for once. */
  private static final class Found {
    static final Search SEARCH = search(folders());
  }

  /** What this process finds; loads the libraries. */
  static Search search() {
    return Found.SEARCH;
  }

  private static List<String> folders() {
    List<String> folders = new ArrayList<>();
    String stated = System.getProperty(PATH_PROPERTY);
    if (stated != null) {
      folders.addAll(List.of(stated.split(java.io.File.pathSeparator, -1)));
    }
    for (String variable : List.of("CUDA_HOME", "CUDA_PATH")) {
      String home = System.getenv(variable);
      if (home != null && !home.isBlank()) {
        for (String part : List.of("lib64", "lib", "targets/x86_64-linux/lib", "bin", "bin/x64")) {
          folders.add(home + "/" + part);
        }
      }
    }
    for (String usual : List.of("/usr/local/cuda/lib64", "/opt/cuda/lib64")) {
      folders.add(usual);
    }
    folders.removeIf(String::isBlank);
    return folders;
  }

  private static boolean windows() {
    return System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");
  }

  /** Searches in {@code folders}, then where the system looks. */
  static Search search(List<String> folders) {
    String driverName = windows() ? "nvcuda.dll" : "libcuda.so.1";
    NativeLibrary driverLibrary = NativeLibrary.find(folders, List.of(driverName), null);
    if (driverLibrary == null) {
      return none(
          "there is no NVIDIA driver: %s was not found; install the driver, version 525 or newer"
              .formatted(driverName));
    }
    try {
      return search(new CudaDriver(driverLibrary), folders);
    } catch (NoSuchElementException missing) {
      return none(
          "the NVIDIA driver is too old (%s); install version 525 or newer"
              .formatted(missing.getMessage()));
    } catch (CudaException failure) {
      return none(
          "the NVIDIA driver shows no GPU: %s; see whether nvidia-smi lists one, and"
                  .formatted(failure.getMessage())
              + " CUDA_VISIBLE_DEVICES");
    }
  }

  private static Search search(CudaDriver driver, List<String> folders) {
    driver.init();
    int version = driver.version();
    List<GpuDescription> gpus = new ArrayList<>();
    for (int ordinal = 0; ordinal < driver.deviceCount(); ordinal++) {
      gpus.add(GpuDescription.of(driver, ordinal));
    }
    if (gpus.isEmpty()) {
      return none(
          "the NVIDIA driver shows no GPU; see whether nvidia-smi lists one, and"
              + " CUDA_VISIBLE_DEVICES");
    }
    if (gpus.stream().allMatch(gpu -> gpu.capability() < LEAST_CAPABILITY)) {
      return none(
          "%s: compute capability 7.5 or newer is needed (Turing, 2018, and later)"
              .formatted(
                  gpus.stream().map(GpuDescription::toString).collect(Collectors.joining(", "))));
    }
    Libraries libraries = libraries(folders, version / 1000);
    if (libraries.problem != null) {
      return none(
          "the driver supports CUDA %d.%d, but %s"
              .formatted(version / 1000, version % 1000 / 10, libraries.problem));
    }
    return new Search(new CudaPlatform(driver, libraries.nvrtc, libraries.cublas, gpus), null);
  }

  private static Search none(String problem) {
    return new Search(null, problem);
  }

  @SuppressWarnings("NullAway.Init") // a problem, or both libraries
  private record Libraries(
      @Nullable String problem, @Nullable Nvrtc nvrtc, @Nullable Cublas cublas) {}

  /** NVRTC and cuBLAS of the newest toolkit that the driver can run. */
  private static Libraries libraries(List<String> folders, int newest) {
    String problem = null;
    for (int toolkit : TOOLKITS) {
      NativeLibrary nvrtc = nvrtc(folders, toolkit);
      NativeLibrary cublas =
          NativeLibrary.find(
              folders,
              cublasNames(toolkit),
              (windows() ? "cublasLt64_" : "libcublasLt.so.") + toolkit);
      if (nvrtc == null && cublas == null) {
        continue;
      }
      if (toolkit > newest) {
        problem =
            "the libraries found are CUDA %d's; update the driver, or install CUDA %d's libraries"
                .formatted(toolkit, newest);
        continue;
      }
      if (nvrtc == null || cublas == null) {
        problem =
            "of CUDA %d's libraries %s was not found; %s"
                .formatted(
                    toolkit,
                    (nvrtc == null ? nvrtcNames(toolkit) : cublasNames(toolkit)).getFirst(),
                    REMEDY);
        continue;
      }
      try {
        return new Libraries(null, new Nvrtc(nvrtc), new Cublas(cublas));
      } catch (NoSuchElementException missing) {
        problem = "%s is too old (%s); %s".formatted(toolkit, missing.getMessage(), REMEDY);
      }
    }
    return new Libraries(
        problem != null
            ? problem
            : "neither %s nor %s was found; %s"
                .formatted(nvrtcNames(newest).getFirst(), cublasNames(newest).getFirst(), REMEDY),
        null,
        null);
  }

  /** The versions that can change the last bits of a result. */
  String versions() {
    int version = driver.version();
    return "driver for CUDA %d.%d, NVRTC %s"
        .formatted(version / 1000, version % 1000 / 10, nvrtc.version());
  }

  /** A toolkit's NVRTC; null when there is none. */
  private static @Nullable NativeLibrary nvrtc(List<String> folders, int toolkit) {
    String builtins = windows() ? "nvrtc-builtins64_" + toolkit : "libnvrtc-builtins.so." + toolkit;
    return NativeLibrary.find(folders, nvrtcNames(toolkit), builtins);
  }

  /** The newest NVRTC of this machine, with a driver or without; null when there is none. */
  static @Nullable Nvrtc compiler() {
    for (int toolkit : TOOLKITS) {
      NativeLibrary library = nvrtc(folders(), toolkit);
      if (library != null) {
        return new Nvrtc(library);
      }
    }
    return null;
  }

  private static List<String> nvrtcNames(int toolkit) {
    return windows()
        ? List.of("nvrtc64_" + toolkit + "0_0.dll")
        : List.of("libnvrtc.so." + toolkit);
  }

  private static List<String> cublasNames(int toolkit) {
    return windows() ? List.of("cublas64_" + toolkit + ".dll") : List.of("libcublas.so." + toolkit);
  }
}
