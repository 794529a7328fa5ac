package org.basin.engine.cuda;

/** A CUDA call that failed. */
final class CudaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What a failure means for what comes after it. */
  enum Kind {
    /** There was not enough memory; the GPU is as it was. */
    OUT_OF_MEMORY,
    /** The GPU, or this process's context on it, can no longer be used. */
    LOST,
    /** Anything else: a fault of the engine, or of the installation. */
    OTHER
  }

  private final Kind kind;

  CudaException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /** What it means. */
  Kind kind() {
    return kind;
  }
}
