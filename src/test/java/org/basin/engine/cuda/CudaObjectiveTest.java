package org.basin.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import org.basin.engine.ObjectiveCase;
import org.basin.engine.ObjectiveContract;
import org.basin.train.Objective;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** On the emulator: the kernels themselves, on the CPU. */
class CudaObjectiveTest extends ObjectiveContract {
  /** Small chunks, so that small cases have several and a shorter last one. */
  private static final int CHUNK_ROWS = 7;

  @TempDir static Path cache;

  private static Gpu gpu;

  @BeforeAll
  static void open() {
    assumeTrue(Emulator.problem() == null, Emulator.problem());
    Emulator.reset();
    CudaPlatform platform = CudaPlatform.search(List.of(Emulator.folder().toString())).platform();
    assertNotNull(platform);
    gpu = new Gpu(platform, 0, new KernelCache(cache));
  }

  @AfterAll
  static void close() {
    if (gpu != null) {
      gpu.close();
      gpu = null;
      Emulator.reset();
    }
  }

  @Override
  protected Objective objective(ObjectiveCase c) {
    return objective(c, true);
  }

  private static CudaObjective objective(ObjectiveCase c, boolean keepAll) {
    int rows = c.data().count() > 1000 ? 500 : CHUNK_ROWS;
    return new CudaObjective(
        gpu, false, c.spec(), c.options(), c.data(), c.statistics(), rows, keepAll);
  }
}
