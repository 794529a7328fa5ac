package org.basin.engine.cuda;

import java.util.List;
import org.basin.train.EngineOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Training on this machine's GPU layer by layer, as if no network fitted its shared memory. */
@OnGpu
class GpuLayeredTrainingTest extends CudaTrainingContract {
  private static CudaEngine engine;

  @BeforeAll
  static void open() {
    CudaPlatform found = CudaPlatform.search().platform();
    List<GpuDescription> gpus =
        found.gpus().stream()
            .map(
                gpu ->
                    new GpuDescription(
                        gpu.ordinal(),
                        gpu.name(),
                        gpu.capability(),
                        gpu.multiprocessors(),
                        0,
                        gpu.memory(),
                        gpu.limitsTime()))
            .toList();
    CudaPlatform layered = new CudaPlatform(found.driver(), found.nvrtc(), found.cublas(), gpus);
    engine =
        new CudaEngine(
            GpuPool.of(new CudaPlatform.Search(layered, null), EngineOptions.DEFAULTS), false);
  }

  @AfterAll
  static void close() {
    if (engine != null) {
      engine.close();
    }
  }

  /** cuBLAS chooses by the number of matrices too. */
  @Override
  boolean sameBitsInAnyStack() {
    return false;
  }

  @Override
  CudaEngine engine() {
    return engine;
  }
}
