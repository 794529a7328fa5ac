package org.basin.engine.cuda;

import java.io.File;
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

  /** The same in words. */
  static final String CAPABILITY =
      "compute capability 7.5 or newer is needed (Turing, 2018, and later)";

  /** CUDA version that a driver must support at least: 1000 major + 10 minor. */
  private static final int LEAST_VERSION = 12_000;

  private static final String DRIVER_REMEDY = "install the driver, version 525 or newer";

  private static final String GPU_REMEDY =
      "see whether nvidia-smi lists one, and whether CUDA_VISIBLE_DEVICES hides it";

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
      folders.addAll(List.of(stated.split(File.pathSeparator, -1)));
    }
    for (String variable : List.of("CUDA_HOME", "CUDA_PATH")) {
      String home = System.getenv(variable);
      if (home != null && !home.isBlank()) {
        for (String part :
            List.of(
                "lib64",
                "lib",
                "targets/x86_64-linux/lib",
                "targets/sbsa-linux/lib",
                "bin",
                "bin/x64")) {
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
          "there is no NVIDIA driver: %s was not found; %s".formatted(driverName, DRIVER_REMEDY));
    }
    try {
      return search(new CudaDriver(driverLibrary), folders);
    } catch (NoSuchElementException missing) {
      return none(
          "the NVIDIA driver %s is too old (%s); %s"
              .formatted(driverLibrary.name(), missing.getMessage(), DRIVER_REMEDY));
    } catch (CudaException failure) {
      return none(
          "the NVIDIA driver shows no GPU: %s; %s".formatted(failure.getMessage(), GPU_REMEDY));
    }
  }

  private static Search search(CudaDriver driver, List<String> folders) {
    driver.init();
    int version = driver.version();
    if (version < LEAST_VERSION) {
      return none(
          "the NVIDIA driver supports CUDA %s, 12.0 is needed; %s"
              .formatted(release(version), DRIVER_REMEDY));
    }
    List<GpuDescription> gpus = new ArrayList<>();
    for (int ordinal = 0; ordinal < driver.deviceCount(); ordinal++) {
      gpus.add(GpuDescription.of(driver, ordinal));
    }
    if (gpus.isEmpty()) {
      return none("the NVIDIA driver shows no GPU; " + GPU_REMEDY);
    }
    if (gpus.stream().allMatch(gpu -> gpu.capability() < LEAST_CAPABILITY)) {
      return none(
          gpus.stream()
              .map(GpuDescription::toString)
              .collect(Collectors.joining(", ", CAPABILITY + ", found: ", "; take engine cpu")));
    }
    Libraries libraries = libraries(folders, version / 1000);
    if (libraries.problem != null) {
      return none(
          "the NVIDIA driver supports CUDA %s, but %s"
              .formatted(release(version), libraries.problem));
    }
    return new Search(new CudaPlatform(driver, libraries.nvrtc, libraries.cublas, gpus), null);
  }

  private static String release(int version) {
    return version / 1000 + "." + version % 1000 / 10;
  }

  private static Search none(String problem) {
    return new Search(null, problem);
  }

  @SuppressWarnings("NullAway.Init") // a problem, or both libraries
  private record Libraries(
      @Nullable String problem, @Nullable Nvrtc nvrtc, @Nullable Cublas cublas) {}

  /** NVRTC and cuBLAS of the newest toolkit that the driver can run. */
  private static Libraries libraries(List<String> folders, int newest) {
    int wanted = Math.min(newest, TOOLKITS[0]);
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
                .formatted(toolkit, wanted);
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
      String binding = nvrtc.name();
      try {
        Nvrtc compiler = new Nvrtc(nvrtc);
        binding = cublas.name();
        return new Libraries(null, compiler, new Cublas(cublas));
      } catch (NoSuchElementException missing) {
        problem = "%s is too old (%s); %s".formatted(binding, missing.getMessage(), REMEDY);
      }
    }
    return new Libraries(
        problem != null
            ? problem
            : "neither %s nor %s was found; %s"
                .formatted(nvrtcNames(wanted).getFirst(), cublasNames(wanted).getFirst(), REMEDY),
        null,
        null);
  }

  /** The versions that can change the last bits of a result. */
  String versions() {
    int version = driver.version();
    return "driver for CUDA %s, NVRTC %s, cuBLAS %s"
        .formatted(release(version), nvrtc.version(), cublas.version());
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
