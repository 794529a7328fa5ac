package org.basin.engine.cuda;

import java.util.List;
import java.util.Objects;
import org.basin.engine.ObjectiveCase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The first emulated GPU, in use for all tests of a class. */
final class OneEmulatedGpu implements BeforeAllCallback, AfterAllCallback {
  private @Nullable GpuPool gpus;

  @Override
  public void beforeAll(ExtensionContext context) {
    open();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    close();
  }

  /** Takes it into use. */
  void open() {
    EmulatedGpu.require();
    gpus = EmulatedGpu.pool(0);
  }

  /** Puts the emulator back to its start, where it is in use. */
  void close() {
    if (gpus != null) {
      gpus.close();
      gpus = null;
      Emulator.reset();
    }
  }

  Gpu gpu() {
    return Objects.requireNonNull(gpus).gpus().getFirst();
  }

  /** The objective of {@code c} alone on a GPU, in chunks of at most {@code rows}. */
  static CudaObjective objective(Gpu on, ObjectiveCase c, int rows, boolean keepAll) {
    ObjectiveStack.Request one =
        new ObjectiveStack.Request(
            c.spec(), c.options(), List.of(c.data()), List.of(c.statistics()));
    return CudaObjective.alone(new ObjectiveStack(on, false, one, rows, keepAll, true), () -> {});
  }
}
