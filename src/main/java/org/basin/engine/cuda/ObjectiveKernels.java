package org.basin.engine.cuda;

/** The kernels of objectives; what they compute, and of which shapes, is told where they stand. */
record ObjectiveKernels(
    Kernel activate,
    Kernel linearizeBackward,
    Kernel tangentActivate,
    Kernel tangentActivateBackward,
    Kernel loss,
    Kernel sum,
    Kernel curvature,
    Kernel accumulate,
    Kernel penalize,
    Kernel narrow,
    Kernel columnSums,
    Kernel columnSquares,
    Kernel columnReduce,
    Kernel batchStatistics,
    Kernel storeScales,
    Kernel normalizePoints,
    Kernel normalizePointsBackward,
    Kernel tangentNormalize,
    Kernel tangentNormalizeBackward) {
  /** Threads of a block, where a thread has one value of an activation or a vector. */
  static final int BLOCK = 256;

  /** Threads of a block, where a thread has an example or a unit. */
  static final int SMALL_BLOCK = 128;

  /** Units of a block of {@link #columnSums} and {@link #columnSquares}. */
  static final int UNITS = 32;

  /** Rows of such a block. */
  static final int SLAB = 256;

  /** Those of {@code gpu}. */
  static ObjectiveKernels of(Gpu gpu) {
    String objective = "objective.cu";
    String tangent = "tangent.cu";
    String norm = "tangent_batchnorm.cu";
    return new ObjectiveKernels(
        gpu.kernel("activation.cu", "activate"),
        gpu.kernel(tangent, "linearize_backward"),
        gpu.kernel(tangent, "tangent_activate"),
        gpu.kernel(tangent, "tangent_activate_backward"),
        gpu.kernel(objective, "objective_loss"),
        gpu.kernel(objective, "objective_sum"),
        gpu.kernel(objective, "objective_curvature"),
        gpu.kernel(objective, "accumulate"),
        gpu.kernel(objective, "penalize"),
        gpu.kernel(objective, "narrow"),
        gpu.kernel(norm, "column_sums"),
        gpu.kernel(norm, "column_squares"),
        gpu.kernel(norm, "column_reduce"),
        gpu.kernel(norm, "batch_statistics"),
        gpu.kernel(norm, "store_scales"),
        gpu.kernel(norm, "normalize_points"),
        gpu.kernel(norm, "normalize_points_backward"),
        gpu.kernel(norm, "tangent_normalize"),
        gpu.kernel(norm, "tangent_normalize_backward"));
  }
}
