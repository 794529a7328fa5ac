package org.basin.engine.cuda;

import java.util.List;

/**
 * What the engine runs on.
 *
 * @param devices ordinals of the GPUs; empty for all that there are
 * @param tf32 whether factors of matrix products may be rounded to TF32
 */
public record CudaOptions(List<Integer> devices, boolean tf32) {
  /** All GPUs, in true single precision. */
  public static final CudaOptions DEFAULTS = new CudaOptions(List.of(), false);

  /** Copies the list. */
  public CudaOptions {
    devices = List.copyOf(devices);
  }
}
