package org.basin.engine.cuda;

import java.util.ArrayList;
import java.util.List;
import org.basin.InvalidInputException;
import org.basin.train.EngineDescription;
import org.basin.train.EngineOptions;
import org.basin.train.Precision;

/** The GPUs that an engine uses; work goes to the one that has the least of it. */
final class GpuPool implements AutoCloseable {
  private final CudaDevices devices;
  private final List<Gpu> gpus;
  private final int[] atWork; // pieces of work, by GPU

  private GpuPool(CudaDevices devices, List<Gpu> gpus) {
    this.devices = devices;
    this.gpus = gpus;
    atWork = new int[gpus.size()];
  }

  /**
   * Takes GPUs into use.
   *
   * @throws InvalidInputException when there are none, or not those that are asked for
   */
  static GpuPool of(CudaPlatform.Search search, EngineOptions options) {
    return of(search, options, KernelCache.ofUser());
  }

  static GpuPool of(CudaPlatform.Search search, EngineOptions options, KernelCache cache) {
    CudaDevices devices = CudaDevices.of(search, options);
    if (devices.problem() != null) {
      throw new InvalidInputException(devices.problem());
    }
    CudaPlatform platform = devices.platform();
    List<Gpu> gpus = new ArrayList<>();
    for (GpuDescription each : devices.gpus()) {
      try {
        gpus.add(Gpu.shared(platform, each.ordinal(), cache));
      } catch (CudaException failure) {
        gpus.forEach(Gpu::close);
        throw new InvalidInputException(
            "%s (cuda:%d) cannot be used: %s; see with nvidia-smi whether others hold it, or choose another with --device"
                .formatted(each, each.ordinal(), failure.getMessage()));
      }
    }
    return new GpuPool(devices, gpus);
  }

  /** The GPUs. */
  List<Gpu> gpus() {
    return gpus;
  }

  /** What they are, with what was found to compute on them. */
  EngineDescription description(boolean tf32) {
    Precision precision = tf32 ? Precision.TF32 : Precision.FLOAT32;
    return new EngineDescription(
        "cuda", devices.words(), precision.toString(), devices.platform().versions());
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
