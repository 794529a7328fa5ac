package org.basin.engine.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.basin.train.EngineOptions;
import org.basin.train.Precision;
import org.jspecify.annotations.Nullable;

/** The GPUs that an engine is to compute on, of those that this machine has. */
public final class CudaDevices {
  /** Compute capability 8.0 (Ampere): the first that multiplies in TF32. */
  private static final int LEAST_CAPABILITY_OF_TF32 = 80;

  private final @Nullable CudaPlatform platform;
  private final List<GpuDescription> gpus;
  private final @Nullable String problem;

  private CudaDevices(
      @Nullable CudaPlatform platform, List<GpuDescription> gpus, @Nullable String problem) {
    this.platform = platform;
    this.gpus = gpus;
    this.problem = problem;
  }

  private static CudaDevices none(String problem) {
    return new CudaDevices(null, List.of(), problem);
  }

  /** Those that {@code options} asks for here; loads the libraries, once a process. */
  public static CudaDevices of(EngineOptions options) {
    return of(CudaPlatform.search(), options);
  }

  /** Those that {@code options} asks for of what was found. */
  static CudaDevices of(CudaPlatform.Search found, EngineOptions options) {
    CudaPlatform platform = found.platform();
    if (platform == null) {
      return none(String.valueOf(found.problem()));
    }
    String seen = "this process sees " + listed(platform.gpus());
    List<Integer> numbers = options.devices().numbers();
    List<GpuDescription> gpus = new ArrayList<>();
    for (int number : numbers) {
      if (number >= platform.gpus().size()) {
        return none("there is no GPU %d; %s".formatted(number, seen));
      }
      gpus.add(platform.gpus().get(number));
    }
    if (numbers.isEmpty()) {
      platform.gpus().stream()
          .filter(gpu -> gpu.capability() >= CudaPlatform.LEAST_CAPABILITY)
          .forEach(gpus::add);
    }
    for (GpuDescription gpu : gpus) {
      if (gpu.capability() < CudaPlatform.LEAST_CAPABILITY) {
        return none(
            "%s, GPU %d has less; %s".formatted(CudaPlatform.CAPABILITY, gpu.ordinal(), seen));
      }
      if (options.precision() == Precision.TF32 && gpu.capability() < LEAST_CAPABILITY_OF_TF32) {
        return none(
            "precision tf32 needs compute capability 8.0 or newer (Ampere, 2020, and later), GPU %d"
                    .formatted(gpu.ordinal())
                + " has less; "
                + seen);
      }
    }
    return new CudaDevices(platform, List.copyOf(gpus), null);
  }

  private static String listed(List<GpuDescription> gpus) {
    return gpus.stream().map(gpu -> gpu.ordinal() + ": " + gpu).collect(Collectors.joining(", "));
  }

  /** Why nothing can be computed on them; null when it can. */
  public @Nullable String problem() {
    return problem;
  }

  /** How many there are; none when there is a problem. */
  public int count() {
    return gpus.size();
  }

  /** They themselves, in the order they were asked for; none when there is a problem. */
  List<GpuDescription> gpus() {
    return gpus;
  }

  /**
   * The driver and the libraries.
   *
   * @throws IllegalStateException when there is a problem
   */
  CudaPlatform platform() {
    if (platform == null) {
      throw new IllegalStateException(problem);
    }
    return platform;
  }

  /** Their models, e.g. {@code 2 GPUs: NVIDIA L4 (compute capability 8.9)}. */
  String words() {
    String models =
        gpus.stream().map(GpuDescription::toString).distinct().collect(Collectors.joining(", "));
    return gpus.size() == 1 ? models : gpus.size() + " GPUs: " + models;
  }
}
