package org.basin.engine.cuda;

import java.nio.file.Path;
import java.util.List;
import org.basin.train.Devices;
import org.basin.train.EngineOptions;
import org.basin.train.Precision;
import org.junit.jupiter.api.Assumptions;

/** Emulated GPUs for tests, which are skipped aloud where they cannot be built. */
final class EmulatedGpu {
  private EmulatedGpu() {}

  /** Skips the test, aloud, where there is no emulator; puts it back to its start. */
  static void require() {
    Assumptions.assumeTrue(
        Emulator.problem() == null, () -> "no emulated GPU: " + Emulator.problem());
    Emulator.reset();
  }

  /**
   * Emulated GPUs, after {@link #require}.
   *
   * @param ordinals which; none for all
   */
  static GpuPool pool(Integer... ordinals) {
    return GpuPool.of(
        search(),
        new EngineOptions(new Devices(true, List.of(ordinals)), Precision.FLOAT32),
        cache());
  }

  /** What is found of emulated CUDA. */
  static CudaPlatform.Search search() {
    return CudaPlatform.search(List.of(Emulator.folder().toString()));
  }

  /** Where tests keep kernels. */
  static KernelCache cache() {
    // Another emulator may read another machine code.
    return new KernelCache(
        Path.of("target", "cuda-kernels").resolve(Emulator.folder().getFileName()));
  }
}
