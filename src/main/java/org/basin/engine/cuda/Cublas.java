package org.basin.engine.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The functions of cuBLAS that the engine calls; handles are {@code long}. */
final class Cublas {
  /** Plain float32: every product and sum is rounded to single precision only. */
  static final int DEFAULT_MATH = 0;

  /** Factors are rounded to TF32 (10 bits of mantissa) where the GPU multiplies those faster. */
  static final int TF32_TENSOR_OP_MATH = 3;

  private static final int ALLOC_FAILED = 3;

  private final MethodHandle statusString;
  private final MethodHandle create;
  private final MethodHandle destroy;
  private final MethodHandle setStream;
  private final MethodHandle setWorkspace;
  private final MethodHandle setMathMode;
  private final MethodHandle property;
  private final MethodHandle sgemmStridedBatched;

  /**
   * Binds the library's functions.
   *
   * @throws java.util.NoSuchElementException when it is older than CUDA 11.4
   */
  Cublas(NativeLibrary library) {
    statusString = library.text("cublasGetStatusString");
    create = library.function("cublasCreate_v2", ADDRESS);
    destroy = library.function("cublasDestroy_v2", JAVA_LONG);
    setStream = library.function("cublasSetStream_v2", JAVA_LONG, JAVA_LONG);
    setWorkspace = library.function("cublasSetWorkspace_v2", JAVA_LONG, JAVA_LONG, JAVA_LONG);
    setMathMode = library.function("cublasSetMathMode", JAVA_LONG, JAVA_INT);
    property = library.function("cublasGetProperty", JAVA_INT, ADDRESS);
    sgemmStridedBatched =
        library.function(
            "cublasSgemmStridedBatched",
            JAVA_LONG,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            ADDRESS,
            JAVA_LONG,
            JAVA_INT,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_INT,
            JAVA_LONG,
            ADDRESS,
            JAVA_LONG,
            JAVA_INT,
            JAVA_LONG,
            JAVA_INT);
  }

  private void check(String function, NativeCall call) {
    int status = NativeCall.status(call);
    if (status != 0) {
      CudaException.Kind kind =
          status == ALLOC_FAILED ? CudaException.Kind.OUT_OF_MEMORY : CudaException.Kind.OTHER;
      String text = NativeLibrary.textOf(statusString, status);
      throw new CudaException(kind, "%s failed with %s (%d)".formatted(function, text, status));
    }
  }

  /** A handle for the calling thread's context. */
  long create() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment handle = arena.allocate(JAVA_LONG);
      check("cublasCreate", () -> (int) create.invokeExact(handle));
      return handle.get(JAVA_LONG, 0);
    }
  }

  /** Frees a handle. */
  void destroy(long handle) {
    check("cublasDestroy", () -> (int) destroy.invokeExact(handle));
  }

  /** The library's version, e.g. {@code 13.1.1}. */
  String version() {
    return property(0) + "." + property(1) + "." + property(2);
  }

  /** By its number in {@code libraryPropertyType}: 0 major version, 1 minor version, 2 patch. */
  private int property(int number) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(JAVA_INT);
      check("cublasGetProperty", () -> (int) property.invokeExact(number, value));
      return value.get(JAVA_INT, 0);
    }
  }

  /**
   * Where a handle's work goes, and the memory that it may use beside: with memory of its own a
   * stream's results do not depend on what other streams do, and its work can be recorded.
   */
  void setStream(long handle, long stream, long workspace, long bytes) {
    check("cublasSetStream", () -> (int) setStream.invokeExact(handle, stream));
    check("cublasSetWorkspace", () -> (int) setWorkspace.invokeExact(handle, workspace, bytes));
  }

  /** Takes a handle off its stream and the memory beside, which stay until this returns. */
  void setDefaultStream(long handle) {
    check("cublasSetStream", () -> (int) setStream.invokeExact(handle, 0L));
  }

  /** How products are computed: {@link #DEFAULT_MATH} or {@link #TF32_TENSOR_OP_MATH}. */
  void setMathMode(long handle, int mode) {
    check("cublasSetMathMode", () -> (int) setMathMode.invokeExact(handle, mode));
  }

  /**
   * C_i ← op(A_i) op(B_i) + beta C_i for {@code batch} matrices, column-major, as in the library's
   * reference.
   *
   * @param one host memory of the float 1
   * @param beta host memory of a float
   */
  void sgemmStridedBatched(
      long handle,
      int transposeA,
      int transposeB,
      int m,
      int n,
      int k,
      MemorySegment one,
      long a,
      int lda,
      long strideA,
      long b,
      int ldb,
      long strideB,
      MemorySegment beta,
      long c,
      int ldc,
      long strideC,
      int batch) {
    check(
        "cublasSgemmStridedBatched",
        () ->
            (int)
                sgemmStridedBatched.invokeExact(
                    handle,
                    transposeA,
                    transposeB,
                    m,
                    n,
                    k,
                    one,
                    a,
                    lda,
                    strideA,
                    b,
                    ldb,
                    strideB,
                    beta,
                    c,
                    ldc,
                    strideC,
                    batch));
  }
}
