package org.basin.engine.cpu;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.jspecify.annotations.Nullable;

/**
 * The OpenBLAS functions that the engine calls, on one thread, with heap arrays passed in place
 * ({@code Linker.Option.critical(true)}: the call must be short, and allocates nothing).
 */
final class OpenBlas {
  /**
   * Most threads that may train, and most that may help them: OpenBLAS has room for 128 threads,
   * and corrupts memory when more call it at once.
   */
  static final int MOST_THREADS = 60;

  private static final int ROW_MAJOR = 101;
  private static final int NO_TRANSPOSE = 111;
  private static final int TRANSPOSE = 112;

  private OpenBlas() {}

  /**
   * The native functions; initialised on first use. Constants, so that calls are inlined. Native
   * access is what they are for.
   */
  @SuppressWarnings("restricted")
  private static final class Functions {
    static final MethodHandle SGEMM;
    static final MethodHandle SGEMV;
    static final MethodHandle DSDOT;
    static final String CORE;

    static {
      // Unpacks the library for this platform, loads it, and so makes its symbols visible here.
      Loader.load(openblas_nolapack.class);
      Linker linker = Linker.nativeLinker();
      SymbolLookup library = SymbolLookup.loaderLookup();
      ValueLayout.OfInt i = ValueLayout.JAVA_INT;
      ValueLayout.OfFloat f = ValueLayout.JAVA_FLOAT;
      var pointer = ValueLayout.ADDRESS;
      try {
        linker
            .downcallHandle(
                library.findOrThrow("openblas_set_num_threads"), FunctionDescriptor.ofVoid(i))
            .invokeExact(1);
        MemorySegment core =
            (MemorySegment)
                linker
                    .downcallHandle(
                        library.findOrThrow("openblas_get_corename"),
                        FunctionDescriptor.of(pointer))
                    .invokeExact();
        CORE = core.reinterpret(Long.MAX_VALUE).getString(0);
      } catch (Throwable failure) {
        throw new ExceptionInInitializerError(failure);
      }
      SGEMM =
          linker.downcallHandle(
              library.findOrThrow("cblas_sgemm"),
              FunctionDescriptor.ofVoid(i, i, i, i, i, i, f, pointer, i, pointer, i, f, pointer, i),
              Linker.Option.critical(true));
      SGEMV =
          linker.downcallHandle(
              library.findOrThrow("cblas_sgemv"),
              FunctionDescriptor.ofVoid(i, i, i, i, f, pointer, i, pointer, i, f, pointer, i),
              Linker.Option.critical(true));
      DSDOT =
          linker.downcallHandle(
              library.findOrThrow("cblas_dsdot"),
              FunctionDescriptor.of(ValueLayout.JAVA_DOUBLE, i, pointer, i, pointer, i),
              Linker.Option.critical(true));
    }
  }

  /**
   * What {@link #problem} found, once: a class that failed to load fails differently afterwards.
   */
  private static final class Check {
    static final @Nullable String PROBLEM = check();
  }

  /** Why OpenBLAS cannot be used here; null when it can. */
  static @Nullable String problem() {
    return Check.PROBLEM;
  }

  private static @Nullable String check() {
    try {
      return Functions.CORE.isEmpty() ? "OpenBLAS does not name its kernels" : null;
    } catch (LinkageError failure) {
      Throwable cause = failure.getCause() != null ? failure.getCause() : failure;
      return "OpenBLAS cannot be loaded for "
          + System.getProperty("os.name")
          + " "
          + System.getProperty("os.arch")
          + " ("
          + cause
          + "); build with mvn package on this machine";
    }
  }

  /**
   * The processor whose kernels OpenBLAS uses, e.g. {@code Haswell}; and that the environment chose
   * it, where it did: OpenBLAS itself may have chosen faster ones.
   */
  static String core() {
    String forced = System.getenv("OPENBLAS_CORETYPE");
    return forced == null || forced.isEmpty()
        ? Functions.CORE
        : Functions.CORE + " (chosen by OPENBLAS_CORETYPE)";
  }

  /**
   * C ← alpha op(A) op(B) + beta C, row-major.
   *
   * @param transposeA whether op(A) is the transpose of what is stored
   * @param transposeB whether op(B) is
   * @param m rows of op(A) and C
   * @param n columns of op(B) and C
   * @param k columns of op(A), rows of op(B)
   * @param lda distance between the rows of A as stored
   * @param ldb of B
   * @param ldc of C
   */
  static void sgemm(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      float alpha,
      MemorySegment a,
      int lda,
      MemorySegment b,
      int ldb,
      float beta,
      MemorySegment c,
      int ldc) {
    try {
      Functions.SGEMM.invokeExact(
          ROW_MAJOR,
          transposeA ? TRANSPOSE : NO_TRANSPOSE,
          transposeB ? TRANSPOSE : NO_TRANSPOSE,
          m,
          n,
          k,
          alpha,
          a,
          lda,
          b,
          ldb,
          beta,
          c,
          ldc);
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** y {@code [m]} ← alpha A {@code [m, n]} x {@code [n]}, A row-major without gaps. */
  static void sgemv(int m, int n, float alpha, MemorySegment a, MemorySegment x, MemorySegment y) {
    try {
      Functions.SGEMV.invokeExact(ROW_MAJOR, NO_TRANSPOSE, m, n, alpha, a, n, x, 1, 0f, y, 1);
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** Σ x_i y_i over {@code n} elements, accumulated in double precision. */
  static double dot(int n, MemorySegment x, MemorySegment y) {
    try {
      return (double) Functions.DSDOT.invokeExact(n, x, 1, y, 1);
    } catch (Throwable impossible) {
      throw new AssertionError(impossible);
    }
  }
}
