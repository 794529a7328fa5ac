package org.basin.engine.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.basin.InvalidInputException;
import org.basin.train.EngineDescription;

/** The GPUs that an engine uses; work goes to the one that has the least of it. */
final class GpuPool implements AutoCloseable {
  private final CudaPlatform platform;
  private final List<Gpu> gpus;
  private final int[] atWork; // pieces of work, by GPU

  private GpuPool(CudaPlatform platform, List<Gpu> gpus) {
    this.platform = platform;
    this.gpus = gpus;
    atWork = new int[gpus.size()];
  }

  /**
   * Takes GPUs into use.
   *
   * @throws InvalidInputException when there are none, or not those that are asked for
   */
  static GpuPool of(CudaPlatform.Search search, CudaOptions options) {
    return of(search, options, KernelCache.ofUser());
  }

  static GpuPool of(CudaPlatform.Search search, CudaOptions options, KernelCache cache) {
    CudaPlatform platform = search.platform();
    if (platform == null) {
      throw new InvalidInputException(String.valueOf(search.problem()));
    }
    List<Gpu> gpus = new ArrayList<>();
    try {
      for (int ordinal : ordinals(platform, options)) {
        gpus.add(new Gpu(platform, ordinal, cache));
      }
    } catch (CudaException failure) {
      gpus.forEach(Gpu::close);
      throw new InvalidInputException("a GPU cannot be used: " + failure.getMessage());
    }
    return new GpuPool(platform, gpus);
  }

  /** A pool of the one GPU, which is in use already. */
  static GpuPool of(Gpu gpu) {
    return new GpuPool(gpu.platform(), List.of(gpu));
  }

  private static List<Integer> ordinals(CudaPlatform platform, CudaOptions options) {
    List<Integer> usable =
        IntStream.range(0, platform.gpus().size())
            .filter(i -> platform.gpus().get(i).capability() >= CudaPlatform.LEAST_CAPABILITY)
            .boxed()
            .toList();
    if (options.devices().isEmpty()) {
      return usable;
    }
    for (int ordinal : options.devices()) {
      if (!usable.contains(ordinal)) {
        throw new InvalidInputException(
            "there is no GPU cuda:%d that can be used; allowed: %s"
                .formatted(
                    ordinal,
                    usable.stream()
                        .map(i -> "cuda:%d %s".formatted(i, platform.gpus().get(i)))
                        .collect(Collectors.joining(", "))));
      }
    }
    return options.devices();
  }

  /** The GPUs. */
  List<Gpu> gpus() {
    return gpus;
  }

  /** What they are, with what was found to compute on them. */
  EngineDescription description(boolean tf32) {
    String device =
        gpus.stream()
            .map(gpu -> gpu.description().toString())
            .distinct()
            .collect(Collectors.joining(", "));
    return new EngineDescription(
        "cuda",
        gpus.size() == 1 ? device : gpus.size() + " GPUs: " + device,
        tf32 ? "tf32" : "float32",
        platform.versions());
  }

  /** The GPU that has the fewest pieces of work; {@link #giveBack} when that is done. */
  synchronized Gpu take() {
    int least = 0;
    for (int i = 1; i < atWork.length; i++) {
      least = atWork[i] < atWork[least] ? i : least;
    }
    atWork[least]++;
    return gpus.get(least);
  }

  /** Ends what {@link #take} began. */
  synchronized void giveBack(Gpu gpu) {
    atWork[gpus.indexOf(gpu)]--;
  }

  @Override
  public void close() {
    gpus.forEach(Gpu::close);
  }
}
